"""Handshakes of TLS 1.2 and 1.3 by one libgnutls with a server: gnutls.py LIBGNUTLS PORT"""
import ctypes
import socket
import sys

gnutls = ctypes.CDLL(sys.argv[1])
port = int(sys.argv[2])
pointer = ctypes.c_void_p
CLIENT, CERTIFICATE = 2, 1  # GNUTLS_CLIENT, GNUTLS_CRD_CERTIFICATE

for version in ("1.2", "1.3"):
    session, credentials = pointer(), pointer()
    assert gnutls.gnutls_certificate_allocate_credentials(ctypes.byref(credentials)) == 0
    assert gnutls.gnutls_init(ctypes.byref(session), CLIENT) == 0
    priority = f"NORMAL:-VERS-ALL:+VERS-TLS{version}".encode()
    assert gnutls.gnutls_priority_set_direct(session, priority, None) == 0
    assert gnutls.gnutls_credentials_set(session, CERTIFICATE, credentials) == 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        gnutls.gnutls_transport_set_int2.argtypes = (pointer, ctypes.c_int, ctypes.c_int)
        gnutls.gnutls_transport_set_int2(session, connection.fileno(), connection.fileno())
        answer = gnutls.gnutls_handshake(session)
        assert answer == 0, f"TLS {version}: {answer}"
        gnutls.gnutls_bye(session, 1)
