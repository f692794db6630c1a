/* Eight threads call every function of the header at once, with right and wrong arguments, in the
 * middle of calls between two engines, of which one after the other is destroyed and made anew.
 *
 * onslaught FOLDER STEPS ROUNDS: STEPS of each thread, ROUNDS of destruction. Pointers are always
 * good, and no call begins on an engine whose destruction has begun: the header asks for that. All
 * else is left to dice with fixed seeds. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "dice.h"

enum { CALL_KIND = 2, WORKERS = 8, SLOTS = 2, CALLS = 8192, ROUNDS_MAX = 64 };

/* A call of an engine, as its events tell. */
struct told {
  uint64_t call;
  unsigned ended;
};

/* One of the two engines: the present one of many. */
struct slot {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  sidetone_engine *engine;
  unsigned round, inside, pulling, closing, over, stopped, lost;
  struct told calls[CALLS];
  unsigned begun;
  char uris[ROUNDS_MAX + 1][80];
};

static struct slot slots[SLOTS];
static unsigned steps, rounds, steps_done, calls_begun, events_told;
static int wakeups[2];
static sem_t due;

static const char *uri_of(const struct slot *slot) {
  return slot->uris[__atomic_load_n(&slot->round, __ATOMIC_ACQUIRE)];
}

static const char *any_uri(uint32_t number) { return uri_of(&slots[number % SLOTS]); }

/* What is told. */

/* An event that names a call: it has begun. Within the lock. */
static struct told *told_of(struct slot *slot, uint64_t call) {
  unsigned at = (unsigned)(call ^ call >> 32) % CALLS;
  while (slot->calls[at].call != call) {
    if (slot->calls[at].call == SIDETONE_ID_NONE) {
      REQUIRE(++slot->begun < CALLS);
      slot->calls[at].call = call;
    }
    else
      at = (at + 1) % CALLS;
  }
  return &slot->calls[at];
}

static void note_event(struct slot *slot, const sidetone_event *event) {
  pthread_mutex_lock(&slot->lock);
  ++events_told;
  if (event->kind == SIDETONE_EVENT_CALL)
    told_of(slot, event->call)->ended += event->state == SIDETONE_CALL_ENDED;
  if (event->kind == SIDETONE_EVENT_INCOMING_CALL) told_of(slot, event->call);
  if (event->kind == SIDETONE_EVENT_EVENTS_LOST) ++slot->lost;
  if (event->kind == SIDETONE_EVENT_STOPPED) ++slot->stopped;
  check_at(__LINE__, "no fault", event->kind != SIDETONE_EVENT_FAULTED);
  pthread_cond_broadcast(&slot->changed);
  pthread_mutex_unlock(&slot->lock);
  keep_id(event->call);
  keep_id(event->account);
  keep_id(event->transaction);
  keep_id(event->subscription);
  keep_id(event->publication);
}

/* On a thread of the engine, or of one that may call it. */
static void react(sidetone_engine *engine, const sidetone_event *event) {
  if (event->kind == SIDETONE_EVENT_INCOMING_CALL && event->sequence % 4 != 0)
    sidetone_call_answer(engine, event->call, NULL, NULL);
}

static void on_event(const sidetone_event *event, void *user) {
  struct slot *slot = (struct slot *)user;
  note_event(slot, event);
  react(slot->engine, event);
  EXPECT(ERR_WRONG_THREAD, sidetone_engine_destroy(slot->engine));
  EXPECT(ERR_WRONG_THREAD, sidetone_event_thread_stop(slot->engine));
}

static void on_wakeup(void *user) {
  EXPECT(ERR_WRONG_THREAD, sidetone_wake(((struct slot *)user)->engine));
}

static void on_log(uint32_t level, const char *module, const char *text, int32_t length,
                   void *user) {
  CHECK(level <= SIDETONE_LOG_TRACE && module[0] != 0 && text[length] == 0);
  EXPECT(ERR_WRONG_THREAD, sidetone_wake(((struct slot *)user)->engine));
}

/* Who may call. */

/* The slot's engine, which lives until `leave`. */
static sidetone_engine *enter(struct slot *slot) {
  sidetone_engine *engine;
  pthread_mutex_lock(&slot->lock);
  while (slot->closing) pthread_cond_wait(&slot->changed, &slot->lock);
  ++slot->inside;
  engine = slot->engine;
  pthread_mutex_unlock(&slot->lock);
  return engine;
}

static void leave(struct slot *slot) {
  pthread_mutex_lock(&slot->lock);
  --slot->inside;
  pthread_cond_broadcast(&slot->changed);
  pthread_mutex_unlock(&slot->lock);
}

/* A call that was dialled has to end as well. */
static void note_dial(struct slot *slot, uint64_t call) {
  pthread_mutex_lock(&slot->lock);
  told_of(slot, call);
  ++calls_begun;
  pthread_mutex_unlock(&slot->lock);
  keep_id(call);
}

#include "onslaught_calls.h"

static unsigned called[FUNCTIONS], done[FUNCTIONS];

/* Calls one function; what it gives has to be what its comment says. */
static void call_one(struct dice *dice, unsigned function, sidetone_engine *engine) {
  char what[100];
  unsigned index = 0;
  int32_t status = functions[function].call(dice, engine);
  __atomic_fetch_add(&called[function], 1, __ATOMIC_RELAXED);
  if (status >= SIDETONE_OK) {
    __atomic_fetch_add(&done[function], 1, __ATOMIC_RELAXED);
    return;
  }
  while (functions[function].allowed[index] != 0 && functions[function].allowed[index] != status)
    ++index;
  if (functions[function].allowed[index] == status) return;
  snprintf(what, sizeof what, "%s: not documented", functions[function].name);
  expect_at(__LINE__, what, SIDETONE_OK, status);
}

/* How often each function was called, and how often it did what it is for. */
static void print_counts(void) {
  unsigned index;
  for (index = 0; index < FUNCTIONS; ++index)
    printf("%s %u %u\n", functions[index].name, called[index], done[index]);
}

/* Dials the other engine, and hangs up what there is: so that calls come and go all the time. */
static void be_a_phone(struct dice *dice, sidetone_engine *engine) {
  uint64_t call = 0;
  const struct slot *other = &slots[dice->slot == &slots[0]];
  if (roll(dice, 2) == 0) {
    sidetone_call_hangup(engine, any_id(dice, CALL_KIND), NULL);
  } else if (sidetone_call_dial(engine, 0, uri_of(other), -1, NULL, &call, NULL) == SIDETONE_OK) {
    note_dial(dice->slot, call);
  }
}

static void *work(void *user) {
  struct dice dice;
  unsigned step, number = (unsigned)(uintptr_t)user;
  memset(&dice, 0, sizeof dice);
  dice.state = 0x9E3779B97F4A7C15u * (number + 1);
  for (step = 0; step < steps; ++step) {
    unsigned function = (number * FUNCTIONS / WORKERS + step) % FUNCTIONS;
    sidetone_engine *engine;
    dice.slot = &slots[roll(&dice, SLOTS)];
    engine = enter(dice.slot);
    if (roll(&dice, 8) == 0) be_a_phone(&dice, engine);
    call_one(&dice, function, roll(&dice, 50) == 0 ? NULL : engine);
    give_back(&dice);
    leave(dice.slot);
    if (__atomic_add_fetch(&steps_done, 1, __ATOMIC_RELAXED) % (WORKERS * steps / rounds) == 0)
      sem_post(&due);
  }
  return NULL;
}

/* Pulls the events of a slot, waiting for ever, until it is over. */
static void *pull(void *user) {
  struct slot *slot = (struct slot *)user;
  sidetone_event event;
  pthread_mutex_lock(&slot->lock);
  while (!slot->over) {
    sidetone_engine *engine = slot->engine;
    int32_t status;
    if (slot->closing || slot->stopped) {
      pthread_cond_wait(&slot->changed, &slot->lock);
      continue;
    }
    slot->pulling = 1;
    pthread_mutex_unlock(&slot->lock);
    event.size = sizeof event;
    status = sidetone_event_next(engine, -1, &event);
    if (status == SIDETONE_OK) note_event(slot, &event);
    if (status == SIDETONE_ERR_WRONG_THREAD) usleep(200); /* somebody else has them for now */
    pthread_mutex_lock(&slot->lock);
    slot->pulling = 0;
    pthread_cond_broadcast(&slot->changed);
    if (status != SIDETONE_OK || slot->closing) continue;
    ++slot->inside;
    pthread_mutex_unlock(&slot->lock);
    react(engine, &event);
    pthread_mutex_lock(&slot->lock);
    --slot->inside;
    pthread_cond_broadcast(&slot->changed);
  }
  pthread_mutex_unlock(&slot->lock);
  return NULL;
}

/* Each call that was begun has ended once. */
static void balance(struct slot *slot, int exactly) {
  unsigned at, ended = 0, open = 0;
  for (at = 0; at < CALLS; ++at) {
    if (slot->calls[at].call == SIDETONE_ID_NONE) continue;
    CHECK(slot->calls[at].ended <= 1);
    ended += slot->calls[at].ended;
    open += slot->calls[at].ended == 0;
  }
  if (exactly) {
    CHECK(slot->stopped == 1 && slot->lost == 0 && open == 0);
    if (slot->lost != 0 || open != 0)
      fprintf(stderr, "%u begun, %u ended, %u times events lost\n", slot->begun, ended, slot->lost);
  }
}

static void make(struct slot *slot) {
  sidetone_engine_config config;
  sidetone_engine *engine = NULL;
  char *uri = slot->uris[slot->round + 1];
  EXPECT(OK, sidetone_engine_config_init(&config, sizeof config));
  config.bind.data = "127.0.0.1";
  config.dns_server.data = "127.0.0.1:9";
  config.t1_ms = 50;
  config.t2_ms = 100;
  config.t4_ms = 100;
  config.max_calls = 8;
  config.max_accounts = 8;
  config.media_workers = 2;
  EXPECT(OK, sidetone_engine_create(&config, &engine));
  REQUIRE(engine != NULL);
  engine_uri(engine, "bob", uri, sizeof slot->uris[0]);
  memset(slot->calls, 0, sizeof slot->calls);
  pthread_mutex_lock(&slot->lock);
  slot->begun = slot->stopped = slot->lost = slot->closing = 0;
  slot->engine = engine;
  __atomic_store_n(&slot->round, slot->round + 1, __ATOMIC_RELEASE);
  pthread_cond_broadcast(&slot->changed);
  pthread_mutex_unlock(&slot->lock);
}

/* Lets no call begin any more, and those of the workers end. Within the lock. */
static void close_slot(struct slot *slot) {
  slot->closing = 1;
  while (slot->inside > 0) pthread_cond_wait(&slot->changed, &slot->lock);
}

static void await_puller(struct slot *slot) {
  pthread_mutex_lock(&slot->lock);
  while (slot->pulling) pthread_cond_wait(&slot->changed, &slot->lock);
  pthread_mutex_unlock(&slot->lock);
}

/* Shut down while everybody calls; the last event is pulled, then it is destroyed. */
static void shut_down_first(struct slot *slot) {
  sidetone_engine *engine = enter(slot);
  EXPECT(OK, sidetone_engine_shutdown(engine, 200));
  leave(slot);
  pthread_mutex_lock(&slot->lock);
  while (!slot->stopped) pthread_cond_wait(&slot->changed, &slot->lock);
  close_slot(slot);
  pthread_mutex_unlock(&slot->lock);
  await_puller(slot);
  EXPECT(OK, sidetone_engine_destroy(engine));
  balance(slot, 1);
}

/* Destroyed with its calls up, while the event callback calls back. */
static void destroy_under_the_callback(struct slot *slot) {
  pthread_mutex_lock(&slot->lock);
  close_slot(slot);
  pthread_mutex_unlock(&slot->lock);
  EXPECT(OK, sidetone_event_thread_stop(slot->engine));
  EXPECT(OK, sidetone_wake(slot->engine));
  await_puller(slot);
  EXPECT(OK, sidetone_event_thread_start(slot->engine, on_event, slot));
  EXPECT(OK, sidetone_engine_destroy(slot->engine));
  balance(slot, 1);
}

/* Destroyed with its calls up, while another thread waits inside. What that one does not get is gone. */
static void destroy_under_a_wait(struct slot *slot) {
  sidetone_event event;
  int32_t status = SIDETONE_OK;
  unsigned pulling = 1;
  pthread_mutex_lock(&slot->lock);
  close_slot(slot);
  pthread_mutex_unlock(&slot->lock);
  EXPECT(OK, sidetone_event_thread_stop(slot->engine));
  while (pulling && status != SIDETONE_ERR_WRONG_THREAD) { /* until it is surely inside */
    event.size = sizeof event;
    status = sidetone_event_next(slot->engine, 0, &event);
    if (status == SIDETONE_OK) note_event(slot, &event);
    pthread_mutex_lock(&slot->lock);
    pulling = slot->pulling;
    pthread_mutex_unlock(&slot->lock);
  }
  EXPECT(OK, sidetone_engine_destroy(slot->engine));
  await_puller(slot);
  balance(slot, 0);
}

static void end(struct slot *slot, unsigned round) {
  static void (*const ends[])(struct slot *) = {shut_down_first, destroy_under_the_callback,
                                                destroy_under_a_wait};
  ends[round % 3](slot);
}

/* Threads of the library that are left. */
static unsigned library_threads(void) {
  struct dirent *entry;
  unsigned count = 0;
  DIR *tasks = opendir("/proc/self/task");
  REQUIRE(tasks != NULL);
  while ((entry = readdir(tasks)) != NULL) {
    char path[300], name[32] = "";
    FILE *file;
    snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
    file = fopen(path, "r");
    if (file == NULL) continue;
    if (fgets(name, sizeof name, file) != NULL) count += strncmp(name, "sidetone-", 9) == 0;
    fclose(file);
  }
  closedir(tasks);
  return count;
}

int main(int argc, char **argv) {
  pthread_t workers[WORKERS], pullers[SLOTS];
  unsigned index;
  REQUIRE(argc == 4 && chdir(argv[1]) == 0 && pipe(wakeups) == 0);
  steps = (unsigned)atoi(argv[2]);
  rounds = (unsigned)atoi(argv[3]);
  REQUIRE(rounds > 0 && rounds <= ROUNDS_MAX && steps >= rounds && sem_init(&due, 0, 0) == 0);
  long_text = (char *)malloc(70000);
  REQUIRE(long_text != NULL);
  memset(long_text, 'x', 69999);
  long_text[69999] = 0;
  for (index = 0; index < SLOTS; ++index) {
    pthread_mutex_init(&slots[index].lock, NULL);
    pthread_cond_init(&slots[index].changed, NULL);
    make(&slots[index]);
    REQUIRE(pthread_create(&pullers[index], NULL, pull, &slots[index]) == 0);
  }
  for (index = 0; index < WORKERS; ++index)
    REQUIRE(pthread_create(&workers[index], NULL, work, (void *)(uintptr_t)index) == 0);
  for (index = 0; index < rounds; ++index) {
    while (sem_wait(&due) != 0) {
    }
    end(&slots[index % SLOTS], index);
    make(&slots[index % SLOTS]);
  }
  for (index = 0; index < WORKERS; ++index) pthread_join(workers[index], NULL);
  for (index = 0; index < SLOTS; ++index) {
    end(&slots[index], index);
    pthread_mutex_lock(&slots[index].lock);
    slots[index].over = 1;
    pthread_cond_broadcast(&slots[index].changed);
    pthread_mutex_unlock(&slots[index].lock);
    pthread_join(pullers[index], NULL);
  }
  CHECK(library_threads() == 0);
  free(long_text);
  print_counts();
  printf("%u calls dialed, %u events, %u engines, %d failures\n", calls_begun, events_told,
         rounds + SLOTS, failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
