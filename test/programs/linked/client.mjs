/** Prints what a server answers, or why it does not. */
try {
  const response = await fetch(process.argv[2]);
  console.log(response.status, await response.text());
} catch (error) {
  console.log(error.cause?.code ?? error.cause?.errors?.[0]?.code ?? String(error));
}
