// Labels that no code takes, and names of functions that are none.

const char labels[] = "CLIENT_RANDOM\0EXPORTER_SECRET";

#ifdef LYING
__asm__(".data\n.globl ssl_log_secret\n.type ssl_log_secret, @function\nssl_log_secret: .quad 0x5555555555555555\n.text");
#endif
#ifdef JAVA
int JNI_CreateJavaVM(void) { return 0; }
#endif
#ifdef RING
const char paths[] = "/registry/rustls-0.23.1/src/lib.rs /registry/ring-0.17.8/src/lib.rs";
#endif
