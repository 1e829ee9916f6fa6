// A program with rustls and aws-lc, by what is left of it when it is stripped.

const char panics[] = "/registry/rustls-0.23.1/src/lib.rs";

__attribute__((noinline)) void put_error(int library, int unused, int reason, const char *file, unsigned line)
{
    __asm__ volatile("" : : "r"(library), "r"(unused), "r"(reason), "r"(file), "r"(line));
}

__attribute__((noinline)) int hmac(unsigned char *out, const void *digest, const unsigned char *key, unsigned long length)
{
    __asm__ volatile("" : : "r"(out), "r"(digest), "r"(key), "r"(length) : "memory");
    return 1;
}

__attribute__((noinline, visibility("hidden"))) int
aws_lc_0_47_0_HKDF_expand(unsigned char *out, unsigned long out_length, const void *digest, const unsigned char *prk,
                          unsigned long prk_length, const unsigned char *info, unsigned long info_length)
{
    if (out_length > 8160) {
        put_error(31, 0, 100, "/aws-lc/crypto/fipsmodule/hkdf/hkdf.c", 90);
        return 0;
    }
    return hmac(out, digest, prk, prk_length) && hmac(out, digest, info, info_length);
}

__attribute__((noinline)) int other(unsigned long length)
{
    if (length > 9)
        put_error(31, 0, 101, "/aws-lc/crypto/fipsmodule/hkdf/hkdf.c", 30);
    return 1;
}

int derive(unsigned char *out, const unsigned char *prk)
{
    return aws_lc_0_47_0_HKDF_expand(out, 32, 0, prk, 32, prk, 9) + other(out[0]);
}
