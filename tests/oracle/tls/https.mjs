// A server and clients of Node over TLS: node --tls-keylog=LOG https.mjs PORT CERT KEY ROUNDS. It writes the number of requests.
import { readFileSync } from "node:fs";
import http2 from "node:http2";
import https from "node:https";

const [port, cert, key, rounds] = process.argv.slice(2);
const options = { cert: readFileSync(cert), key: readFileSync(key), allowHTTP1: true };
const server = http2.createSecureServer(options, (request, response) => {
  request.resume();
  request.on("end", () => response.end("body ".repeat(request.url.length * 50)));
});
await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));

let asked = 0;
for (const version of ["TLSv1.2", "TLSv1.3"]) {
  const common = { minVersion: version, maxVersion: version, rejectUnauthorized: false };
  const session = http2.connect(`https://localhost:${port}`, { ...common, host: "127.0.0.1" });
  for (let round = 0; round < rounds; round++) {
    await new Promise((resolve, reject) => {
      const stream = session.request({ ":method": "POST", ":path": `/h2/${version}/${round}`, "x-tenant": `tenant-${round % 3}` });
      stream.on("error", reject).on("close", resolve).resume();
      stream.end("request ".repeat(round * 100));
    });
    asked++;
  }
  await new Promise((resolve) => session.close(resolve));
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  for (let round = 0; round < rounds; round++) {
    await new Promise((resolve, reject) => {
      const request = https.request({ ...common, host: "127.0.0.1", port, agent, method: "POST", path: `/h1/${version}/${round}` }, (response) => {
        response.on("end", resolve).resume();
      });
      request.on("error", reject).end("request ".repeat(round * 100));
    });
    asked++;
  }
  agent.destroy();
}
server.close();
console.log(asked);
