"""A handshake of gRPC with a server: grpc_client.py PORT CERT. What comes behind it may fail: the server speaks no HTTP/2."""
import sys

import grpc

port, cert = sys.argv[1:]
credentials = grpc.ssl_channel_credentials(open(cert, "rb").read())
channel = grpc.secure_channel(f"localhost:{port}", credentials)
try:
    channel.unary_unary("/a/b")(b"", timeout=3)
except grpc.RpcError as error:
    print(error.code(), file=sys.stderr)
