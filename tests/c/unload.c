/* A host that loads the library, makes a call, and unloads it, again and again:
 *
 *   unload LIBRARY URI HZ ROUNDS [devices]
 *
 * The far end plays a tone of HZ; "devices" has it heard on the sound card, too, whose microphone has
 * to hear the loudspeaker. Afterwards no thread, handle or socket of the library is left, nor the
 * library; but that one stays, on Linux, while a thread lives that has called it. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <pthread.h>
#include <time.h>

#include "process.h"
#include "sidetone.h"
#include "tone.h"

/* Handles that mingw's threads may come to keep, now and then, however many rounds follow. */
#ifdef _WIN32
enum { SPARE = 2 };
#else
enum { SPARE = 0 };
#endif

static int failures;

#define CHECK(holds)                                                \
  do {                                                              \
    if (!(holds)) {                                                 \
      fprintf(stderr, "line %d: not so: %s\n", __LINE__, #holds);   \
      ++failures;                                                   \
    }                                                               \
  } while (0)

/* What is asked of the library. */
#define FUNCTIONS(X)      \
  X(engine_config_init)   \
  X(engine_create)        \
  X(engine_address_read)  \
  X(engine_destroy)       \
  X(dial_options_init)    \
  X(call_dial)            \
  X(call_hangup)          \
  X(tap_options_init)     \
  X(tap_open)             \
  X(tap_read)             \
  X(event_next)           \
  X(last_error)

struct library {
  void *handle;
#define MEMBER(name) __typeof__(&sidetone_##name) name;
  FUNCTIONS(MEMBER)
};

struct round {
  struct library library;
  const char *uri;
  int hz, devices;
  char address[64];
};

static void load(struct library *library, const char *path) {
  void *symbol;
  library->handle = load_library(path);
#define FIND(name)                                              \
  symbol = find_symbol(library->handle, "sidetone_" #name);     \
  if (symbol == NULL) exit(EXIT_FAILURE);                       \
  memcpy(&library->name, &symbol, sizeof symbol);
  FUNCTIONS(FIND)
}

/* Listens one way until so many tenths of a second held the tone: for ten seconds at most. */
static int hears_tone(const struct round *round, sidetone_engine *engine, uint64_t call,
                      uint32_t direction, int wanted) {
  const struct library *library = &round->library;
  sidetone_tap_options options;
  sidetone_tap_frame frame;
  int16_t samples[TONE_BLOCK];
  uint64_t tap = 0;
  int block, filled, heard = 0;
  library->tap_options_init(&options, sizeof options);
  options.sample_rate_hz = TONE_RATE;
  options.direction = direction;
  CHECK(library->tap_open(engine, call, &options, &tap) == SIDETONE_OK);
  frame.size = sizeof frame;
  for (block = 0; block < 100 && heard < wanted; ++block) {
    for (filled = 0; filled < TONE_BLOCK; filled += TONE_RATE / 50)
      if (library->tap_read(engine, tap, samples + filled, TONE_RATE / 50, 20000, &frame) < 0)
        return 0;
    heard += holds_tone(samples, round->hz);
  }
  return heard == wanted;
}

static void talk(struct round *round) {
  static const uint32_t expected[] = {SIDETONE_CALL_DIALING, SIDETONE_CALL_RINGING,
                                      SIDETONE_CALL_CONNECTED, SIDETONE_CALL_ENDING,
                                      SIDETONE_CALL_ENDED};
  const struct library *library = &round->library;
  sidetone_engine_config config;
  sidetone_dial_options options;
  sidetone_event event;
  sidetone_engine *engine = NULL;
  uint64_t call = 0, sequence = 0;
  unsigned states = 0, opened = 0;
  char text[256];
  library->engine_config_init(&config, sizeof config);
  config.bind.data = "127.0.0.1";
  if (round->devices) config.audio_kind = SIDETONE_AUDIO_DEVICES;
  CHECK(library->engine_create(&config, &engine) == SIDETONE_OK);
  library->engine_address_read(engine, SIDETONE_TRANSPORT_UDP, round->address,
                               sizeof round->address, NULL);
  library->dial_options_init(&options, sizeof options);
  options.codecs[0] = SIDETONE_CODEC_PCMU;
  CHECK(library->call_dial(engine, 0, "nonsense", -1, NULL, &call, NULL) < 0);
  CHECK(library->last_error(text, sizeof text, NULL) == SIDETONE_OK && text[0] != 0);
  CHECK(library->call_dial(engine, 0, round->uri, -1, &options, &call, NULL) == SIDETONE_OK);
  event.size = sizeof event;
  while (states < 5 && library->event_next(engine, 40000, &event) == SIDETONE_OK) {
    CHECK(event.sequence == ++sequence);
    opened += event.kind == SIDETONE_EVENT_DEVICE && event.state == SIDETONE_DEVICE_STATE_OPENED;
    if (event.kind != SIDETONE_EVENT_CALL) continue;
    CHECK(event.call == call && event.state == expected[states]);
    ++states;
    if (event.state == SIDETONE_CALL_CONNECTED) {
      CHECK(hears_tone(round, engine, call, SIDETONE_TAP_RECEIVED, round->devices ? 20 : 1));
      if (round->devices) CHECK(hears_tone(round, engine, call, SIDETONE_TAP_SENT, 5));
      CHECK(library->call_hangup(engine, call, NULL) == SIDETONE_OK);
    }
  }
  CHECK(opened == (round->devices ? 1 : 0));
  CHECK(states == 5 && event.status == SIDETONE_OK && event.end == SIDETONE_END_LOCAL);
  CHECK(library->engine_destroy(engine) == SIDETONE_OK);
}

/* Who has called the library that is unloaded: a thread that has ended, one that lives on, the first
 * thread of the process. */
enum caller { ENDED, LIVES_ON, FIRST };

struct thread {
  struct round *round;
  enum caller caller;
  pthread_barrier_t talked, unloaded;
};

static void *talk_in_thread(void *user) {
  struct thread *thread = (struct thread *)user;
  talk(thread->round);
  if (thread->caller == LIVES_ON) {
    pthread_barrier_wait(&thread->talked);
    pthread_barrier_wait(&thread->unloaded);
  }
  return NULL;
}

static void run(const char *path, struct round *round, enum caller caller) {
  struct thread thread;
  pthread_t handle;
  thread.round = round;
  thread.caller = caller;
  pthread_barrier_init(&thread.talked, NULL, 2);
  pthread_barrier_init(&thread.unloaded, NULL, 2);
  load(&round->library, path);
  if (caller == FIRST)
    talk(round);
  else if (pthread_create(&handle, NULL, talk_in_thread, &thread) != 0)
    exit(EXIT_FAILURE);
  if (caller == ENDED) pthread_join(handle, NULL);
  if (caller == LIVES_ON) pthread_barrier_wait(&thread.talked);
  CHECK(unload_library(round->library.handle) == 0);
  memset(&round->library, 0, sizeof round->library);
#ifdef _WIN32
  CHECK(!is_loaded(path));
#else
  CHECK(is_loaded(path) == (caller != ENDED));
#endif
  if (caller == LIVES_ON) {
    pthread_barrier_wait(&thread.unloaded);
    pthread_join(handle, NULL);
  }
  pthread_barrier_destroy(&thread.talked);
  pthread_barrier_destroy(&thread.unloaded);
}

int main(int argc, char **argv) {
  unsigned threads, handles;
  int caller, number;
  struct round round;
  if (argc < 5) return EXIT_FAILURE;
  round.uri = argv[2];
  round.hz = atoi(argv[3]);
  round.devices = argc > 5;
#ifdef _WIN32
  LoadLibraryA("winmm.dll"); /* wine's loses handles whenever it is loaded */
#endif
  threads = count_threads();
  handles = count_handles();
  for (caller = ENDED; caller <= FIRST; ++caller)
    for (number = 0; number < atoi(argv[4]); ++number) {
      run(argv[1], &round, (enum caller)caller);
#ifdef _WIN32
      /* What the system and mingw's threads keep of the first rounds of a kind. */
      if (number < 2) handles = count_handles();
#ifndef _WIN64
      /* One for each load stays, as of every DLL with mingw's 32-bit exceptions. */
      else ++handles;
#endif
      if (caller == ENDED && number == 0) threads = count_threads();
#endif
      CHECK(comes_to(count_threads, threads));
      CHECK(falls_to(count_handles, handles + SPARE));
      CHECK(is_free(atoi(strrchr(round.address, ':') + 1)));
      if (failures != 0) return EXIT_FAILURE;
    }
  CHECK(handles > 0);
  printf("%u threads and %u handles, %d failures\n", threads, handles, failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
