/**
 * An operation of the platform that failed for a reason the user can put right. `message` is one whole
 * sentence that says what to do; the command line prints it as it stands.
 */
export class OperationError extends Error {
  override readonly name: string = "OperationError";
  /** The system's name for the failure: "EACCES". */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
