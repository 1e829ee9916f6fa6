// A library that hands its secrets to one function, as OpenSSL does.

struct session {
    char before[352];
    unsigned char random[32];
    void (*log)(const struct session *, const char *);
};

unsigned char written[256];

__attribute__((noinline, visibility("hidden"))) int
nss_keylog_int(const char *label, struct session *session, const unsigned char *random, unsigned long random_length,
               const unsigned char *secret, unsigned long length)
{
    for (unsigned long at = 0; at < random_length + length; at++)
        written[at & 255] = at < random_length ? random[at] : secret[at - random_length];
    session->log(session, label);
    return 1;
}

__attribute__((noinline, visibility("hidden"))) int
ssl_log_secret(struct session *session, const char *label, const unsigned char *secret, unsigned long length)
{
    if (!session->log)
        return 1;
    return nss_keylog_int(label, session, session->random, sizeof session->random, secret, length);
}

int client_random(struct session *session, const unsigned char *secret)
{
    return ssl_log_secret(session, "CLIENT_RANDOM", secret, 48) + 1;
}

#ifndef ONE_LABEL
int exporter(struct session *session, const unsigned char *secret, unsigned long length)
{
    return ssl_log_secret(session, "EXPORTER_SECRET", secret, length) + 1;
}
#endif
