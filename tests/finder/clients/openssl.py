"""Handshakes of TLS 1.2 and 1.3 in memory, both sides by one libssl: openssl.py LIBSSL LIBCRYPTO CERT KEY

Prints the key log, which the library gives by its callback. Any OpenSSL from 1.1.1 on.
"""
import ctypes
import sys

LIBSSL, LIBCRYPTO, CERT, KEY = sys.argv[1:]
SET_MINIMUM, SET_MAXIMUM = 123, 124  # SSL_CTRL_SET_MIN_PROTO_VERSION and MAX
PEM = 1

crypto = ctypes.CDLL(LIBCRYPTO, mode=ctypes.RTLD_GLOBAL)
ssl = ctypes.CDLL(LIBSSL)
pointer, number = ctypes.c_void_p, ctypes.c_int


def function(library, name, *arguments, returns=number):
    found = getattr(library, name)
    found.argtypes, found.restype = arguments, returns
    return found


TLS_method = function(ssl, "TLS_method", returns=pointer)
CTX_new = function(ssl, "SSL_CTX_new", pointer, returns=pointer)
CTX_ctrl = function(ssl, "SSL_CTX_ctrl", pointer, number, ctypes.c_long, pointer, returns=ctypes.c_long)
use_certificate = function(ssl, "SSL_CTX_use_certificate_file", pointer, ctypes.c_char_p, number)
use_key = function(ssl, "SSL_CTX_use_PrivateKey_file", pointer, ctypes.c_char_p, number)
SSL_new = function(ssl, "SSL_new", pointer, returns=pointer)
set_bio = function(ssl, "SSL_set_bio", pointer, pointer, pointer, returns=None)
connect_state = function(ssl, "SSL_set_connect_state", pointer, returns=None)
accept_state = function(ssl, "SSL_set_accept_state", pointer, returns=None)
do_handshake = function(ssl, "SSL_do_handshake", pointer)
bio_pair = function(crypto, "BIO_new_bio_pair", ctypes.POINTER(pointer), ctypes.c_size_t, ctypes.POINTER(pointer), ctypes.c_size_t)


@ctypes.CFUNCTYPE(None, pointer, ctypes.c_char_p)
def log(_, line):
    print(line.decode(), flush=True)


set_log = function(ssl, "SSL_CTX_set_keylog_callback", pointer, type(log), returns=None)


def handshake(version):
    context = CTX_new(TLS_method())
    for which in (SET_MINIMUM, SET_MAXIMUM):
        assert CTX_ctrl(context, which, version, None) == 1
    assert use_certificate(context, CERT.encode(), PEM) == 1 and use_key(context, KEY.encode(), PEM) == 1
    set_log(context, log)
    ends = pointer(), pointer()
    assert bio_pair(ctypes.byref(ends[0]), 1 << 16, ctypes.byref(ends[1]), 1 << 16) == 1
    sides = SSL_new(context), SSL_new(context)
    for side, end, state in zip(sides, ends, (connect_state, accept_state)):
        state(side)
        set_bio(side, end, end)
    for _ in range(10):
        if all([do_handshake(side) == 1 for side in sides]):
            return
    sys.exit("no handshake")


for version in (0x0303, 0x0304):
    handshake(version)
