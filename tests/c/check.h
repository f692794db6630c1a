/* What the test programs share. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidetone.h"

/* What a request to where nobody listens comes to: Linux tells, elsewhere it is silence. */
#ifdef __linux__
#define NOBODY_LISTENS SIDETONE_ERR_TRANSPORT
#else
#define NOBODY_LISTENS SIDETONE_ERR_NO_ANSWER
#endif

static int failures;

/* The status that a call gives, with its text when it is another one. */
static inline void expect_at(int line, const char *what, int32_t expected, int32_t got) {
  char text[512] = "";
  if (expected == got) return;
  sidetone_last_error(text, sizeof text, NULL);
  fprintf(stderr, "line %d: %s: %d (%s; %s), expected %d (%s)\n", line, what, (int)got,
          sidetone_strerror(got), text, (int)expected, sidetone_strerror(expected));
  ++failures;
}

static inline void check_at(int line, const char *what, int holds) {
  if (holds) return;
  fprintf(stderr, "line %d: not so: %s\n", line, what);
  ++failures;
}

#define EXPECT(status, call) expect_at(__LINE__, #call, SIDETONE_##status, (call))
#define CHECK(holds) check_at(__LINE__, #holds, (holds) ? 1 : 0)

/* What nothing can go on without. */
#define REQUIRE(holds)                                                \
  do {                                                                \
    if (!(holds)) {                                                   \
      fprintf(stderr, "line %d: must be: %s\n", __LINE__, #holds);    \
      exit(EXIT_FAILURE);                                             \
    }                                                                 \
  } while (0)

/* An engine on loopback with short SIP timers. */
static inline sidetone_engine *loopback_engine(void) {
  sidetone_engine_config config;
  sidetone_engine *engine = NULL;
  EXPECT(OK, sidetone_engine_config_init(&config, sizeof config));
  config.bind.data = "127.0.0.1";
  config.t1_ms = 200; /* valgrind is slow: transactions end after 64 times as long */
  config.t2_ms = 800;
  config.t4_ms = 1000;
  config.max_calls = 8;
  config.max_accounts = 4;
  EXPECT(OK, sidetone_engine_create(&config, &engine));
  REQUIRE(engine != NULL);
  return engine;
}

/* "sip:name@ip:port" of an engine. */
static inline void engine_uri(sidetone_engine *engine, const char *name, char *uri, size_t size) {
  char address[64];
  EXPECT(OK, sidetone_engine_address_read(engine, SIDETONE_TRANSPORT_UDP, address,
                                          sizeof address, NULL));
  snprintf(uri, size, "sip:%s@%s", name, address);
}

/* Pulls until an event of the kind comes (and, if `state` is not negative, the state); the others are
 * dropped. Ends the program when none comes for 40 s: a registration that somebody asked for waits for
 * the end of the one before, and each may have to find out by silence that nobody is there. */
static inline void await_event(sidetone_engine *engine, uint32_t kind, int state,
                               sidetone_event *event) {
  event->size = sizeof *event;
  for (;;) {
    int32_t status = sidetone_event_next(engine, 40000, event);
    if (status != SIDETONE_OK) {
      fprintf(stderr, "no event of kind %u, state %d: %s\n", (unsigned)kind, state,
              sidetone_strerror(status));
      exit(EXIT_FAILURE);
    }
    if (event->kind == kind && (state < 0 || event->state == (uint32_t)state)) return;
  }
}

#endif
