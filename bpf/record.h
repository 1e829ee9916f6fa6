/* What the kernel's side hands to the agent's: shared by sockets.c and crates/decode/src/record.rs, whose test
 * reads this file. Numbers are in the byte order of the machine, which is the same on both sides. */
#ifndef RECORD_H
#define RECORD_H

#include <linux/types.h>

/* One packet of one socket. Its payload follows, as far as it was copied. */
struct record {
	__u64 cookie;		/* the socket's cookie; 0 for data that came before its socket was there */
	__u64 time;		/* CLOCK_MONOTONIC, in nanoseconds */
	__u32 target;		/* the number that user space gave the cgroup */
	__u32 sequence;		/* of the first byte; of the SYN */
	__u32 acknowledgment;
	__u32 payload_len;	/* as the packet has it */
	__u32 copied;		/* how much of it follows */
	__u32 start_in;		/* with FRESH: the number of the first byte that will come in */
	__u32 start_out;	/* with FRESH: the number of the first byte that will go out */
	__u16 local_port;
	__u16 remote_port;
	__u8 tcp_flags;		/* as in the TCP header */
	__u8 outgoing;		/* 1: sent by the socket, 0: received */
	__u8 marks;
	__u8 family;		/* 4 or 6 */
	__u8 local[16];		/* the socket's own address; an IPv4 one takes four bytes */
	__u8 remote[16];
	__u32 reserved;
};

#define RECORD_BYTES 88

/* Marks. */
#define FRESH 1			/* nothing was sent or received on this socket yet */
#define REDIRECTED 2		/* the packet shows another port than the socket has: netfilter redirects it here */

/* What user space says about a socket, by its cookie. */
struct verdict {
	__u32 what;
	__u32 skip_in;		/* bytes before this number need not be copied */
	__u32 skip_out;
};

#define NOT_WANTED 1		/* nothing of it is wanted: it is no HTTP, or the monitored side is its client */
#define SKIP_IN 2		/* skip_in holds */
#define SKIP_OUT 4
#define REFUSED 8		/* it began when there was no room */
#define CLIENT 16		/* the monitored side opened it */
#define TLS 32			/* with NOT_WANTED: because it is encrypted */

/* Counts: packets of TCP on monitored sockets, by what became of them. SEEN is the sum of the others up to BYTES. */
enum count {
	SEEN,
	RECORDED,		/* handed to user space, whole or in part */
	BARE,			/* without payload and without meaning for the stream: acknowledgments, handshakes */
	OUTBOUND,		/* of connections that the monitored side opened */
	UNWANTED,		/* of connections that user space does not want */
	ENCRYPTED,		/* the same, because they are TLS */
	PRESSED,		/* of connections that were refused because the ring was filling */
	LOST,			/* the ring was full */
	UNREADABLE,		/* the headers could not be read */
	LOST_BYTES,		/* payload of LOST */
	REFUSED_CONNECTIONS,	/* connections behind PRESSED */
	COUNTS,
};

#endif
