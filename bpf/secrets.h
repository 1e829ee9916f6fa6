/* What the kernel's side of reading TLS shares with crates/capture/src/secrets/, whose tests read this file. Numbers are in
 * the byte order of the machine. */
#ifndef SECRETS_H
#define SECRETS_H

#include <linux/types.h>

/* A secret of a TLS connection: as its library hands it to the key log, or of its key schedule (RFC 8446, section 7.1), as it
 * is expanded to a traffic secret. */
struct secret {
	__u32 target;		/* the number that user space gave the cgroup of the process */
	__u32 len;		/* of the secret: 32 or 48 */
	__u8 label[32];		/* as in a key log (RFC 9850), or that of the expansion, filled up with zeros; what is longer is cut */
	__u8 name[32];		/* the client's random, or the beginning of the transcript's hash, by which the connection is known */
	__u8 bytes[48];
};

#define SECRET_BYTES 120

/* A place in a file that is probed: which registers hold what when it is reached. */
struct point {
	__u64 hits;		/* how often it was reached, by any process */
	__u32 through;		/* where in the session the pointer is behind which the random stands, plus 1; 0: in the session */
	__u32 offset;		/* where the random stands there; of an expansion: where the stack has the length of its info */
	__u8 label;		/* of an expansion: its info */
	__u8 label_len;		/* NO_REGISTER: the label ends with a zero */
	__u8 session;
	__u8 secret;
	__u8 secret_len;
	__u8 expands;		/* whether the secret is expanded there (HKDF-Expand), and not handed to a key log */
	__u8 reserved[2];
};

#define POINT_BYTES 24

/* Stands for no register. The others have the numbers that the processor gives them. */
#define NO_REGISTER 16

/* So many places can be probed at a time: some hundred images, with a few places each. */
#define MOST_POINTS 1024

/* An executable mapping of a file in a process of a monitored cgroup. */
struct mapping {
	__u32 size;		/* of this, with the path */
	__u32 target;
	__u32 pid;		/* of the process */
	__u32 device;		/* of the file system that has the file; below an overlay, not the overlay */
	__u64 inode;
	__u64 start;		/* addresses of the mapping */
	__u64 end;
	__u8 command[16];	/* the name of the process */
	__u8 path[4096];	/* as the process sees it, as far as size says, with its zero; none if it is too long */
};

#define MAPPING_BYTES 56

/* Counts: what became of secrets. */
enum secret_count {
	GIVEN,			/* handed over */
	FOREIGN,		/* of a process whose cgroup is not monitored */
	OTHER,			/* no secret by its length, or expanded to something else */
	NOT_READABLE,		/* the memory of the process could not be read */
	NO_ROOM,		/* the ring was full */
	SECRET_COUNTS,
};

#endif
