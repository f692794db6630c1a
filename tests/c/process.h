/* What a process has: its threads, its handles, a library; on Linux and on Windows. */
#ifndef PROCESS_H
#define PROCESS_H

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>

#include <tlhelp32.h>
#undef near
#undef far
#else
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef _WIN32
static inline void *load_library(const char *path) { return (void *)LoadLibraryA(path); }

static inline int unload_library(void *library) { return FreeLibrary((HMODULE)library) ? 0 : -1; }

static inline int is_loaded(const char *path) { return GetModuleHandleA(path) != NULL; }

static inline void *find_symbol(void *library, const char *name) {
  void *symbol;
  FARPROC found = GetProcAddress((HMODULE)library, name);
  memcpy(&symbol, &found, sizeof symbol);
  return symbol;
}

/* The threads of this process. */
static inline unsigned count_threads(void) {
  THREADENTRY32 thread;
  unsigned count = 0;
  HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
  thread.dwSize = sizeof thread;
  if (Thread32First(all, &thread)) do
      count += thread.th32OwnerProcessID == GetCurrentProcessId();
    while (Thread32Next(all, &thread));
  CloseHandle(all);
  return count;
}

/* One of the handles that the system tells of. */
struct system_handle {
  ULONG process;
  UCHAR type, flags;
  USHORT value;
  void *object;
  ULONG access;
};

/* The handles of this process by the system's list of all: wine counts none for a process. */
static inline unsigned count_listed_handles(void) {
  typedef LONG(WINAPI * query)(ULONG what, void *into, ULONG size, ULONG *needed);
  struct list {
    ULONG count;
    struct system_handle handles[1];
  } *list = NULL;
  ULONG size = 1 << 16, index;
  unsigned count = 0;
  LONG status;
  query ask;
  FARPROC symbol = GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtQuerySystemInformation");
  memcpy(&ask, &symbol, sizeof ask);
  do {
    free(list);
    size *= 2;
    list = (struct list *)malloc(size);
    status = list == NULL ? 0 : ask(16 /* SystemHandleInformation */, list, size, NULL);
  } while (status == (LONG)0xC0000004 /* too short */ && size < 1 << 26);
  for (index = 0; list != NULL && status == 0 && index < list->count; ++index)
    count += list->handles[index].process == GetCurrentProcessId();
  free(list);
  return count;
}

/* The handles of this process, sockets among them. */
static inline unsigned count_handles(void) {
  DWORD count = 0;
  GetProcessHandleCount(GetCurrentProcess(), &count);
  return count != 0 ? (unsigned)count : count_listed_handles();
}
#else
static inline void *load_library(const char *path) { return dlopen(path, RTLD_NOW | RTLD_LOCAL); }

static inline int unload_library(void *library) { return dlclose(library); }

static inline int is_loaded(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  if (library != NULL) dlclose(library);
  return library != NULL;
}

static inline void *find_symbol(void *library, const char *name) { return dlsym(library, name); }

static inline unsigned count_entries(const char *path) {
  unsigned count = 0;
  DIR *folder = opendir(path);
  if (folder == NULL) return 0;
  while (readdir(folder) != NULL) ++count;
  closedir(folder);
  return count;
}

/* The threads of this process; 0 where nobody tells. */
static inline unsigned count_threads(void) {
  unsigned entries = count_entries("/proc/self/task");
  return entries > 2 ? entries - 2 : 0;
}

/* The file descriptors of this process, and a few entries that are always there. */
static inline unsigned count_handles(void) { return count_entries("/proc/self/fd"); }
#endif

/* Waits for `count` to give `wanted`: whatever was joined or closed may take a moment to vanish from
 * the system's lists. */
static inline int comes_to(unsigned (*count)(void), unsigned wanted) {
  struct timespec moment = {0, 10000000};
  int tries;
  for (tries = 0; count() != wanted && tries < 1000; ++tries) nanosleep(&moment, NULL);
  return count() == wanted;
}

/* The same for `count` to give `most` or less. */
static inline int falls_to(unsigned (*count)(void), unsigned most) {
  struct timespec moment = {0, 10000000};
  int tries;
  for (tries = 0; count() > most && tries < 1000; ++tries) nanosleep(&moment, NULL);
  return count() <= most;
}

#ifdef _WIN32
typedef SOCKET udp_socket;
#else
typedef int udp_socket;
#endif

/* Binds a UDP socket to a port of loopback, 0 for any; the port, or 0 when it is taken. */
static inline int bind_udp(udp_socket *udp, int port) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
#ifdef _WIN32
  WSADATA data;
  WSAStartup(MAKEWORD(2, 2), &data);
#endif
  *udp = socket(AF_INET, SOCK_DGRAM, 0);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(*udp, (struct sockaddr *)&address, sizeof address) != 0 ||
      getsockname(*udp, (struct sockaddr *)&address, &length) != 0)
    return 0;
  return ntohs(address.sin_port);
}

static inline void close_udp(udp_socket udp) {
#ifdef _WIN32
  closesocket(udp);
  WSACleanup();
#else
  close(udp);
#endif
}

/* Whether a UDP port of loopback is free. */
static inline int is_free(int port) {
  udp_socket udp;
  int bound = bind_udp(&udp, port) != 0;
  close_udp(udp);
  return bound;
}

#endif
