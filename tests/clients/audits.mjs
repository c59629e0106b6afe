// The audits of GraphQL over HTTP that npm graphql-http brings, against the address given. Prints a JSON line for each:
// {name, passed, detail}
import { serverAudits } from 'graphql-http';

const url = process.argv[2];
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const { status, reason } = await audit.fn();
  console.log(JSON.stringify({ name: `${audit.id} ${audit.name}`, passed: status === 'ok', detail: `${status} ${reason ?? ''}` }));
}
