/* SPDX-License-Identifier: Apache-2.0 */
/* What a person types. */
#include "lib/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "lib/opts.h"

enum { LINE_MOST = 1024 };

/* One line without its end; byte by byte, so that nothing behind it is taken. */
static int read_line(int fd, struct buf *out)
{
	uint8_t byte;
	ssize_t got;

	while ((got = read(fd, &byte, 1)) == 1 || (got < 0 && errno == EINTR)) {
		if (got < 0)
			continue;
		if (byte == '\n')
			break;
		if (byte != '\r' && out->size < LINE_MOST)
			buf_byte(out, byte);
	}
	return out->size && !out->bad ? 0 : -1;
}

int os_passphrase(const char *what, struct buf *out, struct fail *f)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY), result;
	struct termios before, silent;
	bool hidden = terminal >= 0 && tcgetattr(terminal, &before) == 0;
	enum lang lang = opts_lang(0, NULL);

	if (hidden) {
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(terminal, TCSAFLUSH, &silent);
		dprintf(terminal, msg(lang, "Passphrase for '%s': "), what);
	}
	result = read_line(terminal >= 0 ? terminal : 0, out);
	if (hidden) {
		tcsetattr(terminal, TCSAFLUSH, &before);
		dprintf(terminal, "\n");
	}
	if (terminal >= 0)
		close(terminal);
	return result ? fail_set(f, "no passphrase was given") : 0;
}
