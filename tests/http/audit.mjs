// Prints what the npm package graphql-http finds at an address, as JSON: node audit.mjs URL

import { serverAudits } from 'graphql-http';

const [, , url] = process.argv;
const found = [];
for (const audit of serverAudits({ url })) {
  const result = await audit.fn();
  found.push({ id: audit.id, name: audit.name, status: result.status, reason: result.reason });
}
console.log(JSON.stringify(found));
