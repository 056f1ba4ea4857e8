/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A porter: a small process that stays outside with the privileges when the one that forked it
 * confines itself, and fetches what that one can no longer reach. It is asked in bytes over a
 * socket pair and answers with bytes and, where there is something to open, with descriptors.
 *
 * It is forked before any thread exists and has nothing open but its end of the socket: no
 * evidence, no lock of the case. Whoever confined itself may have been taken over by what it reads,
 * so `answer` trusts a request no further than its few fixed forms. It ends with the process that
 * forked it: when the socket closes, and where the kernel lets it by a signal.
 */
#ifndef ATHAR_JAIL_PORTER_H
#define ATHAR_JAIL_PORTER_H

#include "athar/bytes.h"
#include "base/idiom.h"

/* The longest of each, in bytes. */
#define ATHAR_PORTER_REQUEST 256u
#define ATHAR_PORTER_ANSWER 4096u
/* Descriptors of one answer: the same file through the page cache and past it are two. */
#define ATHAR_PORTER_DESCRIPTORS 2u

typedef struct athar_porter athar_porter;

typedef struct athar_porter_reply {
	uint8_t bytes[ATHAR_PORTER_ANSWER];
	size_t len;
	int fd[ATHAR_PORTER_DESCRIPTORS]; /* -1: none; in this order, without gaps */
} athar_porter_reply;

#define ATHAR_PORTER_REPLY_INIT \
	{ \
		{0}, 0, \
		{ \
			-1, -1 \
		} \
	}

/* Closes what descriptors are left in it. */
void athar_porter_reply_clear(athar_porter_reply *reply);
ATHAR_DEFINE_AUTO_VALUE(porter_reply, athar_porter_reply, athar_porter_reply_clear)

/* In the porter, one request at a time. Its failure reaches the asker as it is; what it puts into
 * reply->fd is closed by the porter once it is sent. */
typedef athar_status athar_porter_answer(void *user, athar_bytes request, athar_porter_reply *reply,
                                         athar_error *err);

/* Forks it. `user` is the porter's own copy from here on: what it changes there, it alone sees. */
athar_status athar_porter_open(athar_porter **out, athar_porter_answer *answer, void *user,
                               athar_error *err);

/* Asks and waits for the answer, `milliseconds` at most: then ATHAR_EIO, and the late answer is
 * dropped when it comes. As long as it has not come, the next question waits for it too. The
 * descriptors are the caller's to close. One thread at a time. */
athar_status athar_porter_ask(athar_porter_reply *reply, athar_porter *porter, athar_bytes request,
                              unsigned milliseconds, athar_error *err);
void athar_porter_close(athar_porter *porter);
ATHAR_DEFINE_AUTO(porter, athar_porter *, athar_porter_close)

#endif
