/** pipe, splice, sendfile, open. */
import { ScriptFailure } from "../failure.ts";
import type { IntReference } from "../system-calls.ts";
import { integerOf } from "../values.ts";
import type { Arguments, CallContext, CallHandler, Performed } from "./call-context.ts";

function pipe(args: Arguments, { calls, labels }: CallContext): Performed {
  args.expect(1);
  const list = args.at(0);
  const [reader, writer] = list.kind === "list" ? list.items.map(integerOf) : [];
  if (reader === undefined || writer === undefined) {
    throw new ScriptFailure("syntax", list.place, "two descriptors within brackets are wanted");
  }
  const ends: number[] = [];
  return {
    outcome: calls.pipe(ends),
    verify: ({ value }) => {
      if (value !== 0) return;
      const [readerEnd, writerEnd] = ends;
      if (readerEnd === undefined || writerEnd === undefined) return;
      labels.set(reader, readerEnd);
      labels.set(writer, writerEnd);
    },
  };
}

/** NULL or `[offset]`. */
function offsetAt(args: Arguments, index: number): IntReference | null {
  return args.isNull(index) ? null : { value: args.pointer(index) };
}

function splice(args: Arguments, { calls }: CallContext): Performed {
  args.expect(6);
  const from = offsetAt(args, 1);
  const to = offsetAt(args, 3);
  return {
    outcome: calls.splice(args.fd(0), from, args.fd(2), to, args.integer(4), args.integer(5)),
  };
}

function sendfile(args: Arguments, { calls }: CallContext): Performed {
  args.expect(4);
  return { outcome: calls.sendfile(args.fd(0), args.fd(1), offsetAt(args, 2), args.integer(3)) };
}

function open(args: Arguments, { calls, file }: CallContext): Performed {
  args.expect(2, 3);
  const path = args.at(0);
  const content = path.kind === "string" ? file(path.text) : undefined;
  if (content === undefined)
    throw args.fail("unsupported", "only files that the script made with dd can be opened");
  return { outcome: calls.openFile(content, args.integer(1)), givesDescriptor: true };
}

export const FILE_CALLS: Readonly<Record<string, CallHandler>> = { pipe, splice, sendfile, open };
