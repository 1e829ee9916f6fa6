// Handshakes of TLS 1.2 and 1.3 with a server: node.mjs PORT
import tls from 'node:tls'

for (const version of ['TLSv1.2', 'TLSv1.3']) {
    await new Promise((done, failed) => {
        const options = { host: '127.0.0.1', port: Number(process.argv[2]), rejectUnauthorized: false }
        const socket = tls.connect({ ...options, minVersion: version, maxVersion: version }, () => socket.end())
        socket.on('close', done).on('error', failed).resume()
    })
}
