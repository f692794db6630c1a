/* A program with an event loop of its own, as a GUI has: the engine only wakes the loop up, and all
 * of its events are handled on the loop's thread. Here the loop is poll(); a GTK program would watch
 * the pipe with g_unix_fd_add(), a Qt one with QSocketNotifier, and a Windows one would use
 * sidetone_wakeup_set_window() and pull when the message comes.
 *
 *   gui_wakeup sip:bob@192.0.2.7
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sidetone.h"

/* Everything that waits; returns 0 when the call has ended. */
static int drain_events(sidetone_engine *engine, uint64_t call, int *answered) {
  sidetone_event event;
  event.size = sizeof event;
  while (sidetone_event_next(engine, 0, &event) == SIDETONE_OK) {
    if (event.kind != SIDETONE_EVENT_CALL || event.call != call) continue;
    printf("the window shows state %u %s\n", (unsigned)event.state, event.text.data);
    if (event.state == SIDETONE_CALL_CONNECTED) *answered = 1;
    if (event.state == SIDETONE_CALL_ENDED) return 0;
  }
  return 1;
}

static void empty_pipe(int fd) {
  char bytes[64];
  while (read(fd, bytes, sizeof bytes) > 0) {
  }
}

int main(int argc, char **argv) {
  sidetone_engine *engine = NULL;
  uint64_t call = SIDETONE_ID_NONE;
  struct pollfd sources[1];
  int ends[2];
  int answered = 0;
  int frames = 0;
  int32_t status;

  if (argc < 2) {
    fprintf(stderr, "usage: gui_wakeup URI\n");
    return EXIT_FAILURE;
  }
  if (pipe(ends) != 0) return EXIT_FAILURE;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  fcntl(ends[1], F_SETFL, O_NONBLOCK);

  status = sidetone_engine_create(NULL, &engine);
  if (status == SIDETONE_OK) status = sidetone_wakeup_set_fd(engine, ends[1]);
  if (status == SIDETONE_OK)
    status = sidetone_call_dial(engine, SIDETONE_ID_NONE, argv[1], -1, NULL, &call, NULL);
  if (status < 0) {
    fprintf(stderr, "%s\n", sidetone_strerror(status));
    sidetone_engine_destroy(engine);
    return EXIT_FAILURE;
  }

  sources[0].fd = ends[0];
  sources[0].events = POLLIN;
  for (;;) {
    int ready = poll(sources, 1, 100); /* the loop also draws, ten times a second */
    if (ready > 0) {
      empty_pipe(ends[0]);
      if (!drain_events(engine, call, &answered)) break;
    }
    if (ready == 0 && answered && ++frames == 10) sidetone_call_hangup(engine, call, NULL);
  }
  sidetone_engine_destroy(engine);
  close(ends[0]);
  close(ends[1]);
  return answered ? EXIT_SUCCESS : EXIT_FAILURE;
}
