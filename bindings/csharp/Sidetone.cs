// An engine: its life and its events; errors, and what crosses the boundary.
//
// What functions do, and which errors they give, is told in sidetone.h: sidetone_call_dial() there is
// Engine.CallDial() here. C# 7, with /unsafe. The library holds no delegate: events are pulled.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
#if SIDETONE_ASYNC_STREAMS
using System.Threading.Tasks;
#endif

namespace Sidetone
{
    /// <summary>A function of the library failed.</summary>
    public sealed unsafe class SidetoneException : Exception
    {
        /// <summary>One of Constants.Err*.</summary>
        public int Status { get; }

        internal SidetoneException(int status, string text)
            : base(string.IsNullOrEmpty(text) ? Library.StrError(status) : text)
        {
            Status = status;
        }

        /// <summary>Throws what the library says about a failure of this thread.</summary>
        internal static int Check(int status)
        {
            if (status >= 0) return status;
            var text = stackalloc byte[1024];
            text[0] = 0;
            Native.sidetone_last_error(text, 1024, null);
            throw new SidetoneException(status, Borrowed.Copy(text));
        }
    }

    /// <summary>Header lines of a message, (name, value).</summary>
    public sealed class Headers : List<KeyValuePair<string, string>>
    {
        /// <summary>Adds a line.</summary>
        public void Add(string name, string value) => Add(new KeyValuePair<string, string>(name, value));
    }

    /// <summary>One part of a multipart body.</summary>
    public struct BodyPart
    {
        /// <summary>Its media type.</summary>
        public string ContentType { get; set; }
        /// <summary>Its octets.</summary>
        public byte[] Body { get; set; }
    }

    /// <summary>The pointer of an engine, which is destroyed when no call of a method runs any more.</summary>
    public sealed class EngineHandle : SafeHandle
    {
        internal EngineHandle(IntPtr engine) : base(IntPtr.Zero, true)
        {
            SetHandle(engine);
        }

        /// <inheritdoc/>
        public override bool IsInvalid => handle == IntPtr.Zero;

        /// <inheritdoc/>
        protected override bool ReleaseHandle() =>
            Native.sidetone_engine_destroy(handle) == Constants.Ok;
    }

    /// <summary>What the library says of itself, and what needs no engine.</summary>
    public static unsafe class Library
    {
        /// <summary>The version of the library, for people.</summary>
        public static string Version => Borrowed.Copy(Native.sidetone_version());

        /// <summary>The interface version of the library that is loaded.</summary>
        public static uint ApiVersion => Native.sidetone_api_version();

        /// <summary>A short English text for a status.</summary>
        public static string StrError(int status) => Borrowed.Copy(Native.sidetone_strerror(status));

        /// <summary>Whether the library has a feature by name.</summary>
        public static bool HasFeature(string name)
        {
            using (var borrowed = new Borrowed())
            {
                var text = borrowed.Text(name);
                int status = Native.sidetone_has_feature((byte*)text.Data, text.Length);
                return SidetoneException.Check(status) == 1;
            }
        }

        /// <summary>The parts of a multipart body.</summary>
        public static BodyPart[] MultipartRead(string contentType, byte[] body)
        {
            using (var borrowed = new Borrowed())
            {
                var kind = borrowed.Text(contentType);
                var octets = borrowed.Octets(body);
                uint count = 0;
                SidetoneException.Check(Native.sidetone_multipart_count((byte*)kind.Data, kind.Length,
                    octets.Data, (uint)octets.Length, &count));
                var parts = new BodyPart[count];
                for (uint index = 0; index < count; ++index)
                    parts[index] = MultipartPart(borrowed, kind, octets, index, body);
                return parts;
            }
        }

        private static BodyPart MultipartPart(Borrowed borrowed, RawText kind, RawText octets,
            uint index, byte[] body)
        {
            var name = borrowed.Text("Content-Type");
            var found = new TextOut(borrowed);
            uint needed = 0, offset = 0, bytes = 0;
            while (!found.Done(Native.sidetone_multipart_read((byte*)kind.Data, kind.Length,
                octets.Data, (uint)octets.Length, index, &offset, &bytes, (byte*)name.Data,
                name.Length, (byte*)found.Data, found.Capacity, &needed), needed)) { }
            var content = new byte[bytes];
            Array.Copy(body, (int)offset, content, 0, (int)bytes);
            return new BodyPart { ContentType = found.Value ?? "", Body = content };
        }

        /// <summary>A multipart body with these parts, and its content type.</summary>
        public static byte[] MultipartWrite(IReadOnlyList<BodyPart> parts, out string contentType)
        {
            using (var borrowed = new Borrowed())
            {
                var raw = (RawBodyPart*)borrowed.Take(sizeof(RawBodyPart) * parts.Count);
                for (int index = 0; index < parts.Count; ++index)
                {
                    raw[index].ContentType = borrowed.Text(parts[index].ContentType);
                    raw[index].Body = borrowed.Octets(parts[index].Body);
                }
                var kind = (byte*)borrowed.Take(256);
                uint needed = 0;
                SidetoneException.Check(Native.sidetone_multipart_write(raw, (uint)parts.Count, kind,
                    256, IntPtr.Zero, 0, &needed));
                var body = borrowed.Take((int)needed);
                SidetoneException.Check(Native.sidetone_multipart_write(raw, (uint)parts.Count, kind,
                    256, body, needed, &needed));
                contentType = Borrowed.Copy(kind);
                var copy = new byte[needed];
                Marshal.Copy(body, copy, 0, copy.Length);
                return copy;
            }
        }
    }

    /// <summary>A voice engine. Any thread may call any method; one at a time takes the events.</summary>
    public sealed unsafe partial class Engine : IDisposable
    {
        /// <summary>How long far ends may take to answer when an engine is disposed.</summary>
        private const uint ShutdownMs = 2000;

        private readonly EngineHandle handle;
        private Thread pump;
        private volatile bool ends;

        /// <summary>Every event, once Pump was called.</summary>
        public event Action<Engine, Event> EventReceived;

        /// <summary>Whether the last event was taken.</summary>
        public bool Stopped { get; private set; }

        /// <summary>Makes an engine.</summary>
        public Engine(EngineConfig config = null)
        {
            uint version = Native.sidetone_api_version();
            if (version >> 16 != Constants.ApiVersion >> 16 || version < Constants.ApiVersion)
                throw new SidetoneException(Constants.ErrUnsupported, "the library is of another version");
            if (!Native.SizesHold())
                throw new SidetoneException(Constants.ErrStructSize, "a struct has a size of its own");
            using (var borrowed = new Borrowed())
            {
                var engine = IntPtr.Zero;
                SidetoneException.Check(Native.sidetone_engine_create(
                    (config ?? new EngineConfig()).Fill(borrowed), &engine));
                handle = new EngineHandle(engine);
            }
        }

        /// <summary>Shuts down and destroys the engine, after calls of other threads are back.</summary>
        public void Dispose()
        {
            ends = true;
            if (!handle.IsClosed)
            {
                // Ends the waits of other threads.
                Native.sidetone_wake(handle);
                Native.sidetone_engine_shutdown(handle, ShutdownMs);
            }
            if (pump != null && pump != Thread.CurrentThread) pump.Join();
            if (pump != null) AppDomain.CurrentDomain.DomainUnload -= Unloading;
            handle.Dispose();
        }

        /// <summary>Takes the next event, waiting so long (-1: for ever). Null when none came, when
        /// Wake was called, or when the engine has stopped.</summary>
        public Event EventNext(int timeoutMs = -1)
        {
            var raw = new RawEvent { Size = (uint)sizeof(RawEvent) };
            int status = Native.sidetone_event_next(handle, timeoutMs, &raw);
            if (status == Constants.ErrTimeout) return null;
            Stopped |= status == Constants.ErrShutdown;
            if (status == Constants.ErrShutdown) return null;
            SidetoneException.Check(status);
            Stopped |= raw.Kind == Constants.EventStopped;
            return new Event(&raw);
        }

        /// <summary>Has a thread take the events from now on, and raise EventReceived: in the
        /// SynchronizationContext of the caller if it has one (that of a window, say), else on that
        /// thread.</summary>
        public void Pump()
        {
            if (pump != null) throw new InvalidOperationException("the events are pumped already");
            var context = SynchronizationContext.Current;
            pump = new Thread(() => PumpEvents(context)) { IsBackground = true, Name = "pump" };
            // A domain cannot be unloaded while a thread of it waits for events.
            AppDomain.CurrentDomain.DomainUnload += Unloading;
            pump.Start();
        }

        private void Unloading(object sender, EventArgs arguments) => Dispose();

        private void PumpEvents(SynchronizationContext context)
        {
            while (!ends && !Stopped)
            {
                var next = EventNext();
                if (next == null) continue;
                if (context == null) Raise(next);
                else context.Post(_ => Raise(next), null);
            }
        }

        private void Raise(Event next) => EventReceived?.Invoke(this, next);

        /// <summary>Has a thread of the library call a function of native code (sidetone_event_fn)
        /// with each event.</summary>
        public void EventThreadStart(IntPtr function, IntPtr user) =>
            SidetoneException.Check(Native.sidetone_event_thread_start(handle, function, user));

        /// <summary>Ends that thread.</summary>
        public void EventThreadStop() =>
            SidetoneException.Check(Native.sidetone_event_thread_stop(handle));

        /// <summary>Has a function of native code (sidetone_wakeup_fn) called each time that events
        /// wait after there were none; zero ends every wake-up.</summary>
        public void WakeupSetFunction(IntPtr function, IntPtr user) =>
            SidetoneException.Check(Native.sidetone_wakeup_set_function(handle, function, user));

        /// <summary>Has a file descriptor written instead. Not on Windows.</summary>
        public void WakeupSetFd(int fd) =>
            SidetoneException.Check(Native.sidetone_wakeup_set_fd(handle, fd));

        /// <summary>Has an event object set instead. Windows.</summary>
        public void WakeupSetHandle(IntPtr waitHandle) =>
            SidetoneException.Check(Native.sidetone_wakeup_set_handle(handle, waitHandle));

        /// <summary>Has a message posted to a window instead. Windows.</summary>
        public void WakeupSetWindow(IntPtr window, uint message) =>
            SidetoneException.Check(Native.sidetone_wakeup_set_window(handle, window, message));

        /// <summary>Sends log lines to a function of native code (sidetone_log_fn); zero ends the
        /// log.</summary>
        public void LogSet(uint level, IntPtr function, IntPtr user) =>
            SidetoneException.Check(Native.sidetone_log_set(handle, level, function, user));

        /// <summary>Takes the next frame of a tap into samples, of which there must be enough
        /// (Constants.TapSamplesMax always are), waiting so long (-1: for ever). False when none came;
        /// Constants.ErrEnded is thrown when the call is over and all was read.</summary>
        public bool TapRead(ulong tap, short[] samples, out TapFrame frame, int timeoutMs = -1)
        {
            var raw = new TapFrame { Size = (uint)sizeof(TapFrame) };
            int status;
            fixed (short* into = samples)
                status = Native.sidetone_tap_read(handle, tap, into, (uint)samples.Length, timeoutMs,
                    &raw);
            frame = raw;
            if (status == Constants.ErrTimeout) return false;
            SidetoneException.Check(status);
            return true;
        }

        /// <summary>Queues count of the samples from offset on behind those that wait; how many there
        /// was room for.</summary>
        public uint InjectWrite(ulong injection, short[] samples, int offset, int count)
        {
            if (offset < 0 || count < 0 || offset > samples.Length - count)
                throw new ArgumentOutOfRangeException(nameof(count));
            uint written = 0;
            fixed (short* from = samples)
                SidetoneException.Check(Native.sidetone_inject_write(handle, injection,
                    from + offset, (uint)count, &written));
            return written;
        }

#if SIDETONE_ASYNC_STREAMS
        /// <summary>The events, for `await foreach`, until the engine has stopped.</summary>
        public IAsyncEnumerable<Event> Events() => new EventStream(this);

        private sealed class EventStream : IAsyncEnumerable<Event>, IAsyncEnumerator<Event>
        {
            private readonly Engine engine;
            private CancellationToken cancelled;
            private CancellationTokenRegistration wake;

            internal EventStream(Engine engine)
            {
                this.engine = engine;
            }

            public Event Current { get; private set; }

            public IAsyncEnumerator<Event> GetAsyncEnumerator(CancellationToken token = default(CancellationToken))
            {
                var stream = new EventStream(engine) { cancelled = token };
                stream.wake = token.Register(() => engine.Wake());
                return stream;
            }

            public ValueTask<bool> MoveNextAsync()
            {
                if (engine.Stopped) return new ValueTask<bool>(false);
                cancelled.ThrowIfCancellationRequested();
                Current = engine.EventNext(0);
                if (Current != null) return new ValueTask<bool>(true);
                return new ValueTask<bool>(Task.Factory.StartNew(Wait, CancellationToken.None,
                    TaskCreationOptions.LongRunning, TaskScheduler.Default));
            }

            private bool Wait()
            {
                while (Current == null && !engine.Stopped && !engine.ends)
                {
                    cancelled.ThrowIfCancellationRequested();
                    Current = engine.EventNext();
                }
                return Current != null;
            }

            public ValueTask DisposeAsync()
            {
                wake.Dispose();
                return default(ValueTask);
            }
        }
#endif
    }

    /// <summary>Memory that C structs and functions borrow while it is not disposed.</summary>
    internal sealed unsafe class Borrowed : IDisposable
    {
        private readonly List<IntPtr> blocks = new List<IntPtr>();

        internal IntPtr Take(int bytes)
        {
            var block = Marshal.AllocHGlobal(Math.Max(bytes, 1));
            blocks.Add(block);
            return block;
        }

        internal RawText Text(string text) => Octets(Encoding.UTF8.GetBytes(text));

        internal RawText Octets(byte[] octets)
        {
            var block = Take(octets.Length);
            Marshal.Copy(octets, 0, block, octets.Length);
            return new RawText { Data = block, Length = octets.Length };
        }

        internal RawHeaders List(Headers headers)
        {
            var list = (RawHeader*)Take(sizeof(RawHeader) * headers.Count);
            for (int index = 0; index < headers.Count; ++index)
            {
                list[index].Name = Text(headers[index].Key);
                list[index].Value = Text(headers[index].Value);
            }
            return new RawHeaders { Data = (IntPtr)list, Count = (uint)headers.Count };
        }

        internal static void Fill(uint* list, int entries, uint[] values)
        {
            if (values.Length > entries)
                throw new SidetoneException(Constants.ErrInvalidArgument, "a list is too long");
            for (int index = 0; index < entries; ++index)
                list[index] = index < values.Length ? values[index] : 0;
        }

        internal static string Copy(byte* text)
        {
            int length = 0;
            while (text[length] != 0) ++length;
            return Encoding.UTF8.GetString(text, length);
        }

        internal static string Copy(RawText text) =>
            text.Length == 0 ? "" : Encoding.UTF8.GetString((byte*)text.Data, text.Length);

        internal static byte[] CopyOctets(RawText text)
        {
            var octets = new byte[text.Length];
            Marshal.Copy(text.Data, octets, 0, octets.Length);
            return octets;
        }

        internal static Headers Copy(RawHeaders raw)
        {
            var headers = new Headers();
            var list = (RawHeader*)raw.Data;
            for (uint index = 0; index < raw.Count; ++index)
                headers.Add(Copy(list[index].Name), Copy(list[index].Value));
            return headers;
        }

        public void Dispose()
        {
            foreach (var block in blocks) Marshal.FreeHGlobal(block);
            blocks.Clear();
        }
    }

    /// <summary>Where a function puts a text: it is called again with more room until the text
    /// fits.</summary>
    internal unsafe struct TextOut
    {
        private readonly Borrowed borrowed;

        internal IntPtr Data;
        internal uint Capacity;

        internal TextOut(Borrowed borrowed)
        {
            this.borrowed = borrowed;
            Capacity = 256;
            Data = borrowed.Take(256);
            Value = null;
        }

        /// <summary>The text; null when there is none.</summary>
        internal string Value { get; private set; }

        internal bool Done(int status, uint needed)
        {
            if (status == Constants.ErrTooSmall)
            {
                Capacity = needed;
                Data = borrowed.Take((int)needed);
                return false;
            }
            SidetoneException.Check(status);
            Value = needed == 0 ? null : Encoding.UTF8.GetString((byte*)Data, (int)needed - 1);
            return true;
        }
    }

    /// <summary>The same for ids.</summary>
    internal unsafe struct IdsOut
    {
        private readonly Borrowed borrowed;

        internal IntPtr Data;
        internal uint Capacity;

        internal IdsOut(Borrowed borrowed)
        {
            this.borrowed = borrowed;
            Capacity = 16;
            Data = borrowed.Take(16 * sizeof(ulong));
            Value = null;
        }

        internal ulong[] Value { get; private set; }

        internal bool Done(int status, uint count)
        {
            if (status == Constants.ErrTooSmall)
            {
                Capacity = count;
                Data = borrowed.Take((int)count * sizeof(ulong));
                return false;
            }
            SidetoneException.Check(status);
            Value = new ulong[count];
            for (uint index = 0; index < count; ++index) Value[index] = ((ulong*)Data)[index];
            return true;
        }
    }
}
