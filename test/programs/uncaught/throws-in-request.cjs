const http = require("node:http");

const server = http.createServer(() => {
  throw new Error("in request");
});
server.listen(0, () => http.get({ port: server.address().port }));
