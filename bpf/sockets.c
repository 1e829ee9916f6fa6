/* The packets of monitored sockets, copied to a ring. Attached to a cgroup on ingress and on egress
 * (BPF_PROG_TYPE_CGROUP_SKB). Every packet passes, whatever happens here: the only way out is PASS. */
#include "kernel.h"
#include "record.h"
#include "owners.h"

#define PASS 1

/* The most payload of one record. A longer packet takes several: protocols with frames lose their way for good in one of
 * which a part is missing. */
#define MOST 32768
/* So many of these make the longest packet that an interface can be told to make (GSO_MAX_SIZE). */
#define MOST_PIECES 16
/* Cookies are counted up from 1, in steps of some thousands: longer ones do not happen in a machine's life, and user
 * space puts the target into the other bits. */
#define MOST_COOKIE ((1ULL << 40) - 1)
/* User space is woken each time that another such part of the ring has filled. Otherwise it looks by itself some times a
 * second, which costs the sockets nothing: to wake another CPU took 19 microseconds here, as long as 30 records. Long packets
 * are likely to be of bodies, and it may soon say that the rest is not wanted. */
#define WAKE_PARTS 8
#define WAKE_PARTS_LONG 32
#define LONG 4096
/* The last such part of the ring is for short packets, and for long ones without their payload: it holds more than a thousand of them,
 * so that those of running connections are not lost while user space has to wait for a CPU. */
#define SHORT_PART 64

#define IPPROTO_HOPOPTS 0
#define IPPROTO_TCP 6
#define IPPROTO_ROUTING 43
#define IPPROTO_DSTOPTS 60
/* Extension headers of IPv6 before TCP; a socket's packet has none, or one. */
#define MOST_EXTENSIONS 3

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define PSH 0x08
#define ACK 0x10

/* The records, in the order in which the packets went. User space says how large it is. */
struct map SECTION("maps") records = {
	.type = BPF_MAP_TYPE_RINGBUF,
	.max_entries = 8 * 1024 * 1024,
};

/* What is known about sockets. A socket that is forgotten costs no more than asking again. User space says how many. */
struct map SECTION("maps") verdicts = {
	.type = BPF_MAP_TYPE_LRU_HASH,
	.key_size = sizeof(__u64),
	.value_size = sizeof(struct verdict),
	.max_entries = 64 * 1024,
};

struct map SECTION("maps") counts = {
	.type = BPF_MAP_TYPE_PERCPU_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = COUNTS,
};

_Static_assert(sizeof(struct record) == RECORD_BYTES, "the record has no padding");

/* The headers of a packet. */
struct headers {
	__u32 payload;		/* where the payload begins */
	__u32 len;		/* how long it is */
	__u32 sequence;
	__u32 acknowledgment;
	__u16 source_port;
	__u16 destination_port;
	__u8 flags;
};

/* In one step, although each CPU has counts of its own: a packet that comes in may interrupt one that goes out. */
INLINE void add(__u32 what, __u64 number)
{
	__u64 *count = bpf_map_lookup_elem(&counts, &what);
	if (count)
		__sync_fetch_and_add(count, number);
}

INLINE int out(__u32 way)
{
	add(way, 1);
	return PASS;
}

INLINE __u16 be16(const __u8 *bytes)
{
	return (__u16)bytes[0] << 8 | bytes[1];
}

INLINE __u32 be32(const __u8 *bytes)
{
	return (__u32)be16(bytes) << 16 | be16(bytes + 2);
}

/* Where the TCP header begins, by the IP header that the packet begins with; 0 if there is none. Lengths are not looked
 * at: they are 0 for packets over 64 KiB. */
INLINE __u32 tcp_header(struct __sk_buff *skb)
{
	__u8 ip[40];
	if (bpf_skb_load_bytes(skb, 0, ip, 20))
		return 0;
	if (ip[0] >> 4 == 4)
		return ip[9] == IPPROTO_TCP ? (ip[0] & 15) * 4 : 0;
	__u32 offset = 40;
	__u8 next = ip[6];
	for (int i = 0; i < MOST_EXTENSIONS && next != IPPROTO_TCP; i++) {
		__u8 extension[2];
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS)
			return 0;
		if (bpf_skb_load_bytes(skb, offset, extension, 2))
			return 0;
		next = extension[0];
		offset += (extension[1] + 1) * 8;
	}
	return next == IPPROTO_TCP ? offset : 0;
}

INLINE int read_headers(struct __sk_buff *skb, struct headers *headers)
{
	/* Both headers at once, as they are nearly always. */
	__u8 bytes[40], *tcp = bytes + 20;
	__u32 offset = 20;
	if (bpf_skb_load_bytes(skb, 0, bytes, 40))
		return -1;
	if (bytes[0] != 0x45 || bytes[9] != IPPROTO_TCP) {
		offset = tcp_header(skb);
		if (!offset || bpf_skb_load_bytes(skb, offset, tcp, 20))
			return -1;
	}
	headers->payload = offset + (tcp[12] >> 4) * 4;
	if (headers->payload > skb->len)
		return -1;
	headers->len = skb->len - headers->payload;
	headers->source_port = be16(tcp);
	headers->destination_port = be16(tcp + 2);
	headers->sequence = be32(tcp + 4);
	headers->acknowledgment = be32(tcp + 8);
	headers->flags = tcp[13];
	return 0;
}

/* The addresses of the socket: the packet's may have been changed on the way. */
INLINE void addresses(struct record *record, struct bpf_sock *sk)
{
	__u32 *local = (__u32 *)record->local, *remote = (__u32 *)record->remote;
	/* Four bytes, as all kernels allow; the port stands in the first two, in network order. */
	__u32 port = *(volatile __u32 *)&sk->dst_port;

	record->local_port = sk->src_port;
	record->remote_port = __builtin_bswap16(port);
	if (sk->family == AF_INET6) {
		record->family = 6;
		local[0] = sk->src_ip6[0];
		local[1] = sk->src_ip6[1];
		local[2] = sk->src_ip6[2];
		local[3] = sk->src_ip6[3];
		remote[0] = sk->dst_ip6[0];
		remote[1] = sk->dst_ip6[1];
		remote[2] = sk->dst_ip6[2];
		remote[3] = sk->dst_ip6[3];
	} else {
		record->family = 4;
		local[0] = sk->src_ip4;
		remote[0] = sk->dst_ip4;
	}
}

/* The addresses of a connection whose socket is not there yet: those of the packet that came in for it. */
INLINE int addresses_to_be(struct record *record, struct __sk_buff *skb, struct headers *headers)
{
	__u8 version;
	record->local_port = headers->destination_port;
	record->remote_port = headers->source_port;
	if (bpf_skb_load_bytes(skb, 0, &version, 1))
		return -1;
	if (version >> 4 == 4) {
		record->family = 4;
		return bpf_skb_load_bytes(skb, 12, record->remote, 4) || bpf_skb_load_bytes(skb, 16, record->local, 4);
	}
	record->family = 6;
	return bpf_skb_load_bytes(skb, 8, record->remote, 16) || bpf_skb_load_bytes(skb, 24, record->local, 16);
}

/* How many bytes of the ring are not read yet, and how many there are in all: a power of two. */
INLINE __u64 waits(void)
{
	return bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA);
}

INLINE __u64 ring_size(void)
{
	return bpf_ringbuf_query(&records, BPF_RB_RING_SIZE);
}

/* Wakes user space when this record fills the ring up to another mark. */
INLINE __u64 waking(__u64 waiting, __u32 size)
{
	__u64 part = ring_size() / (size > LONG ? WAKE_PARTS_LONG : WAKE_PARTS);
	return (waiting ^ (waiting + size)) & -part ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

/* The size of a record must be known when the program is loaded: so there are classes of them, which leave less than half
 * of the ring empty. */
#define CLASS(size) \
	if (head->copied <= size) { \
		struct { \
			struct record head; \
			__u8 payload[size]; \
		} *record = bpf_ringbuf_reserve(&records, sizeof(*record), 0); \
		if (!record) \
			return -1; \
		record->head = *head; \
		/* 1 to size, in a form that the verifier follows */ \
		__u32 len = ((head->copied - 1) & (size - 1)) + 1; \
		if (bpf_skb_load_bytes(skb, from, record->payload, len)) { \
			bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP); \
			return -1; \
		} \
		bpf_ringbuf_submit(record, waking(waiting, sizeof(*record))); \
		return 0; \
	}

INLINE int put_payload(struct __sk_buff *skb, const struct record *head, __u32 from, __u64 waiting)
{
	CLASS(128)
	CLASS(256)
	CLASS(512)
	CLASS(1024)
	CLASS(2048)
	CLASS(4096)
	CLASS(8192)
	CLASS(16384)
	CLASS(MOST)
	return -1;
}

/* Hands the first part of a long packet over, and leaves the rest to come. */
INLINE int put_piece(struct __sk_buff *skb, struct record *head, __u32 from, __u64 waiting)
{
	struct {
		struct record head;
		__u8 payload[MOST];
	} *record = bpf_ringbuf_reserve(&records, sizeof(*record), 0);
	if (!record)
		return -1;
	record->head = *head;
	record->head.payload_len = MOST;
	record->head.copied = MOST;
	/* What ends with the packet ends with its last piece. */
	record->head.tcp_flags &= ~(FIN | PSH);
	if (bpf_skb_load_bytes(skb, from, record->payload, MOST)) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		return -1;
	}
	bpf_ringbuf_submit(record, waking(waiting, sizeof(*record)));
	head->marks &= ~FRESH;
	head->sequence += MOST;
	head->payload_len -= MOST;
	return 0;
}

/* Hands a packet over. What does not fit is handed over without its payload, so that the stream goes on. */
INLINE int put(struct __sk_buff *skb, struct record *head, __u32 from, __u64 waiting)
{
	if (head->payload_len > LONG && waiting > ring_size() - ring_size() / SHORT_PART)
		head->copied = 0;
	/* What came before its socket is kept as one record. */
	for (int i = 0; i < MOST_PIECES && head->cookie && head->copied && head->payload_len > MOST; i++) {
		if (put_piece(skb, head, from, waiting)) {
			head->copied = 0;
			break;
		}
		from += MOST;
		waiting += sizeof(*head) + MOST;
	}
	if (head->copied) {
		head->copied = head->payload_len < MOST ? head->payload_len : MOST;
		if (put_payload(skb, head, from, waiting) == 0)
			return out(RECORDED);
	}
	head->copied = 0;
	if (bpf_ringbuf_output(&records, head, sizeof(*head), waking(waiting, sizeof(*head))) == 0)
		return out(RECORDED);
	add(LOST_BYTES, head->payload_len);
	return out(LOST);
}

/* Takes note of a connection of which nothing is wanted. */
INLINE void remember(__u64 cookie, __u32 what)
{
	struct verdict verdict = { .what = what };
	bpf_map_update_elem(&verdicts, &cookie, &verdict, BPF_ANY);
}

/* Nothing was sent or received on the socket yet. The numbers are read before the counts, which change first: so they
 * are those of the beginning, also while another CPU moves the socket on. */
INLINE void look_for_beginning(struct record *record, struct bpf_sock *sk)
{
	struct bpf_tcp_sock *tcp = bpf_tcp_sock(sk);
	if (!tcp)
		return;
	record->start_in = *(volatile __u32 *)&tcp->rcv_nxt;
	record->start_out = *(volatile __u32 *)&tcp->snd_una;
	if (*(volatile __u64 *)&tcp->bytes_received == 0 && *(volatile __u64 *)&tcp->bytes_acked == 0)
		record->marks |= FRESH;
}

/* What a packet counts as of whose socket nothing is wanted. */
INLINE __u32 way_of(__u32 what)
{
	if (what & CLIENT)
		return OUTBOUND;
	return what & TLS ? ENCRYPTED : UNWANTED;
}

INLINE int skipped(__u32 what, __u32 to, const struct headers *headers, int outgoing)
{
	if (!(what & (outgoing ? SKIP_OUT : SKIP_IN)))
		return 0;
	/* One that reaches further is copied whole. */
	return (__s32)(headers->sequence + headers->len - to) <= 0;
}

INLINE int look(struct __sk_buff *skb, int outgoing, int by)
{
	__u32 target = by == BY_CGROUP ? owner_of_cgroup() : 0;
	struct bpf_sock *sk = skb->sk;
	if ((by == BY_CGROUP && !target) || !sk)
		return PASS;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return PASS;
	if (by != BY_CGROUP)
		target = owner_of_address(skb, sk, outgoing, by);
	if (!target || sk->protocol != IPPROTO_TCP)
		return PASS;
	add(SEEN, 1);

	__u64 cookie = bpf_get_socket_cookie(skb);
	if (cookie > MOST_COOKIE)
		return out(UNREADABLE);
	struct verdict *verdict = bpf_map_lookup_elem(&verdicts, &cookie);
	__u32 what = verdict ? verdict->what : 0;
	__u32 skip = verdict ? (outgoing ? verdict->skip_out : verdict->skip_in) : 0;
	int ending = 0;
	if (what & REFUSED) {
		if (waits() > ring_size() / 4)
			return out(PRESSED);
		/* There is room again: it is joined in the middle. */
		bpf_map_delete_elem(&verdicts, &cookie);
		what = 0;
	} else if (what & NOT_WANTED) {
		/* That it ends is told, so that user space can forget it. */
		if (what & CLIENT || sk->state == ESTABLISHED)
			return out(way_of(what));
		ending = 1;
	}

	struct headers headers;
	if (read_headers(skb, &headers))
		return out(UNREADABLE);
	int listens = sk->state == LISTEN;
	if (headers.flags & SYN) {
		/* Only a client's socket sends a SYN, or receives the answer to one: the handshake of a server is its
		 * listener's. */
		if (listens || outgoing == !!(headers.flags & ACK))
			return out(BARE);
		remember(cookie, NOT_WANTED | CLIENT);
		return out(OUTBOUND);
	}
	if (!headers.len && (listens || !(headers.flags & (FIN | RST))))
		return out(BARE);

	if (ending && !(headers.flags & (FIN | RST)))
		return out(way_of(what));

	struct record record = {
		.cookie = listens ? 0 : cookie,
		.time = bpf_ktime_get_ns(),
		.target = target,
		.sequence = headers.sequence,
		.acknowledgment = headers.acknowledgment,
		.payload_len = headers.len,
		.copied = headers.len,
		.tcp_flags = headers.flags,
		.outgoing = outgoing,
	};
	if (listens) {
		/* The acknowledgment that ends the handshake may bring data, and the socket is made of it. */
		if (outgoing || addresses_to_be(&record, skb, &headers))
			return out(BARE);
	} else {
		addresses(&record, sk);
		/* A socket that is closed with a reset has given its port back before that goes out. */
		if (!record.local_port)
			record.local_port = outgoing ? headers.source_port : headers.destination_port;
		look_for_beginning(&record, sk);
		/* Whole connections are refused while there is still room for those that run. */
		if (record.marks & FRESH && waits() > ring_size() / 2) {
			remember(cookie, NOT_WANTED | REFUSED);
			add(REFUSED_CONNECTIONS, 1);
			return out(PRESSED);
		}
	}
	if ((outgoing ? headers.source_port : headers.destination_port) != record.local_port)
		record.marks |= REDIRECTED;
	if (ending || skipped(what, skip, &headers, outgoing))
		record.copied = 0;
	return put(skb, &record, headers.payload, waits());
}

/* Both directions of each way to tell whose a socket is; only those of one way are loaded. */
#define PROGRAMS(by, incoming, outgoing) \
	SECTION("cgroup_skb/ingress") int incoming(struct __sk_buff *skb) \
	{ \
		return look(skb, 0, by); \
	} \
	SECTION("cgroup_skb/egress") int outgoing(struct __sk_buff *skb) \
	{ \
		return look(skb, 1, by); \
	}

PROGRAMS(BY_CGROUP, incoming, outgoing)
PROGRAMS(BY_NETWORK, network_in, network_out)
PROGRAMS(BY_ADDRESS, address_in, address_out)

/* Some helpers are for programs under the GPL only; none of those used here is. */
char SECTION("license") licence_of_program[] = "Apache-2.0";
