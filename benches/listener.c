/* What listening to packets costs at least: a TPACKET_V3 ring on one interface, whose frames are counted and given back. A floor
 * for the figures of benches/sockets, which builds it. Blocks, ring and delay are those of the monitor. Until SIGTERM. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define BLOCK (1u << 20)
#define BLOCKS 16u
#define MILLISECONDS 40

static volatile sig_atomic_t over;

static void end(int number)
{
	(void)number;
	over = 1;
}

static void must(int fine, const char *what)
{
	if (fine)
		return;
	perror(what);
	exit(1);
}

int main(int count, char **arguments)
{
	if (count != 2) {
		fprintf(stderr, "usage: %s INTERFACE\n", arguments[0]);
		return 2;
	}
	int packets = socket(AF_PACKET, SOCK_RAW, 0), version = TPACKET_V3;
	must(packets >= 0, "socket");
	struct tpacket_req3 ring = {
		.tp_block_size = BLOCK, .tp_block_nr = BLOCKS, .tp_frame_size = 2048, .tp_frame_nr = BLOCK / 2048 * BLOCKS,
		.tp_retire_blk_tov = MILLISECONDS,
	};
	must(!setsockopt(packets, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)), "PACKET_VERSION");
	must(!setsockopt(packets, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)), "PACKET_RX_RING");
	uint8_t *blocks = mmap(NULL, BLOCK * BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED, packets, 0);
	must(blocks != MAP_FAILED, "mmap");
	struct sockaddr_ll here = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(arguments[1]),
	};
	must(!bind(packets, (struct sockaddr *)&here, sizeof(here)), arguments[1]);
	signal(SIGTERM, end);
	puts("listens");
	fflush(stdout);
	uint64_t frames = 0;
	for (unsigned at = 0; !over;) {
		struct tpacket_hdr_v1 *block = &((struct tpacket_block_desc *)(blocks + at * BLOCK))->hdr.bh1;
		if (!(__atomic_load_n(&block->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) {
			struct pollfd wait = { .fd = packets, .events = POLLIN };
			poll(&wait, 1, 100);
			continue;
		}
		frames += block->num_pkts;
		__atomic_store_n(&block->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		at = (at + 1) % BLOCKS;
	}
	printf("%llu frames\n", (unsigned long long)frames);
	return 0;
}
