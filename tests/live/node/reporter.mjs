// What node:test found, a JSON object a line, for test_node.py.

export default async function* report(events) {
  for await (const { type, data } of events) {
    const line = lines[type]?.(data);
    if (line) yield `${JSON.stringify(line)}\n`;
  }
}

const lines = {
  "test:pass": ({ name, skip }) => ({ name, skipped: skip }),
  "test:fail": ({ name, details: { error } }) => (
    { name, failure: (error.cause?.stack ?? error.message).trim() }),
  "test:diagnostic": ({ message }) => ({ printed: message }),
};
