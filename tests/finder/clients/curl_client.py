"""Handshakes of TLS 1.2 and 1.3 by curl with BoringSSL, with a server: curl_client.py PORT"""
import sys

from curl_cffi import CurlOpt, CurlSslVersion, requests

MAX_TLS_1_2 = 6 << 16  # CURL_SSLVERSION_MAX_TLSv1_2

for version in (CurlSslVersion.TLSv1_2 | MAX_TLS_1_2, CurlSslVersion.TLSv1_3):
    session = requests.Session(verify=False, http_version="v1", curl_options={CurlOpt.SSLVERSION: version})
    session.get(f"https://127.0.0.1:{sys.argv[1]}/")
    session.close()
