// Calls to the phone of the first argument, which plays a tone of so many Hz as the second says: events pulled, pumped by a thread, pumped into a context, as an
// asynchronous stream; then two hundred calls while garbage is collected all the time.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Sidetone;
using static Sidetone.Constants;

internal static class Scenario
{
    private static string uri;
    private static int hz;

    private static void Must(bool holds, string what)
    {
        if (!holds) throw new Exception("not so: " + what);
    }

    /// Tells where the program is, and waits until that was looked at.
    private static void Step(string name)
    {
        Console.WriteLine(name);
        Must(Console.ReadLine() == "", "somebody looked");
    }

    private static void Refused(int status, Action action)
    {
        try
        {
            action();
        }
        catch (SidetoneException error)
        {
            Must(error.Status == status && error.Message != "", "refused as expected: " + error);
            return;
        }
        Must(false, "it was not refused");
    }

    /// What the events of an engine say about its calls.
    private sealed class Calls
    {
        private readonly Engine engine;
        private readonly Dictionary<ulong, List<uint>> states = new Dictionary<ulong, List<uint>>();
        private readonly Dictionary<ulong, int> replies = new Dictionary<ulong, int>();
        private readonly List<ulong> requests = new List<ulong>();
        private ulong sequence;

        internal Calls(Engine engine)
        {
            this.engine = engine;
        }

        internal int Ended { get; private set; }

        internal ulong Dial()
        {
            var options = new DialOptions
            {
                Headers = new Headers { { "X-Campaign", "Fr\u00fchling" } },
                Codecs = new[] { CodecPcmu },
                Srtp = SrtpOff,
            };
            lock (states)
            {
                ulong call = engine.CallDial(IdNone, uri, options, out ulong request);
                states[call] = new List<uint>();
                requests.Add(request);
                return call;
            }
        }

        internal void Take(Event next)
        {
            lock (states)
            {
                Must(next.Sequence == ++sequence, "events come in order");
                if (next.Kind == EventReply) replies[next.Request] = next.Status;
                if (next.Kind != EventCall) return;
                states[next.Call].Add(next.State);
                if (next.State == CallConnected) Connected(next.Call);
                if (next.State != CallEnded) return;
                Must(next.Status == Ok && next.End == EndLocal, "an orderly end");
                Console.WriteLine("states " + string.Join(" ", states[next.Call]));
                ++Ended;
            }
        }

        private void Connected(ulong call)
        {
            CallInfo info = engine.CallInfoRead(call);
            Must(info.Outgoing == 1 && info.Codec == CodecPcmu && info.SipCode == 200, "info");
            Must(engine.CallTextRead(call, CallTextRemoteUri).Contains("sipp@127.0.0.1"), "URI");
            Must(engine.CallHeaderRead(call, "X-Nothing") == null, "no such header");
            Must(Array.IndexOf(engine.CallList(), call) >= 0, "list of calls");
            Must(engine.CallStatsRead(call).PacketsLost == 0, "nothing was lost");
            engine.CallGain(call, -3, 3);
            Echo(call);
            requests.Add(engine.CallHangup(call));
        }

        /// A frame of what is heard goes back.
        private void Echo(ulong call)
        {
            var samples = new short[TapSamplesMax];
            ulong tap = engine.TapOpen(call, new TapOptions { SampleRateHz = 8000 });
            ulong injection = engine.InjectOpen(call);
            Must(engine.TapRead(tap, samples, out TapFrame frame, 20000), "a frame");
            Must(frame.Samples == 160 && frame.Timestamp == 0, "its length");
            Must(engine.InjectWrite(injection, samples, 0, 160) == 160, "there is room");
            InjectInfo info = engine.InjectInfoRead(injection);
            Must(info.Queued + info.Played == 160, "all is played");
            engine.InjectClose(injection);
            HearTone(tap);
            engine.TapClose(tap);
            Refused(ErrStaleId, () => engine.TapRead(tap, samples, out frame, 0));
        }

        /// Listens until the tone of the far end is heard: for ten seconds at most.
        private void HearTone(ulong tap)
        {
            var samples = new short[TapSamplesMax];
            var block = new short[800];
            for (int tries = 0; tries < 100; ++tries)
            {
                for (int part = 0; part < 5; ++part)
                {
                    Must(engine.TapRead(tap, samples, out _, 20000), "a frame");
                    Array.Copy(samples, 0, block, 160 * part, 160);
                }
                if (HoldsTone(block)) return;
            }
            Must(false, "the tone is heard");
        }

        /// Whether a tenth of a second at 8 kHz holds the tone and hardly anything else (Goertzel).
        private static bool HoldsTone(short[] block)
        {
            double factor = 2 * Math.Cos(2 * Math.PI * hz / 8000), before = 0, last = 0, power = 0;
            foreach (short sample in block)
            {
                double next = sample + factor * last - before;
                before = last;
                last = next;
                power += (double)sample * sample;
            }
            double tone = last * last + before * before - factor * last * before;
            return power > 1e6 * block.Length && tone * 2 / block.Length > 0.95 * power;
        }

        internal void AllAnswered()
        {
            lock (states)
                foreach (ulong request in requests)
                    Must(replies.TryGetValue(request, out int status) && status == Ok, "a reply");
        }
    }

    /// The message loop of a window, as it were.
    private sealed class Loop : SynchronizationContext
    {
        internal readonly BlockingCollection<Action> Posted = new BlockingCollection<Action>();

        public override void Post(SendOrPostCallback callback, object state) =>
            Posted.Add(() => callback(state));
    }

    private static Engine MakeEngine() =>
        new Engine(new EngineConfig { Bind = "127.0.0.1", UserAgent = "scenario" });

    private static void Pulled(Engine engine, Calls calls, int number)
    {
        ulong call = calls.Dial();
        while (calls.Ended < number)
        {
            Event next = engine.EventNext(20000);
            if (next != null) calls.Take(next); // Wake was called before
        }
        Refused(ErrStaleId, () => engine.CallHangup(call));
    }

#if SIDETONE_ASYNC_STREAMS
    private static void Streamed(Engine engine, Calls calls)
    {
        calls.Dial();
        var stream = engine.Events().GetAsyncEnumerator();
        while (calls.Ended < 2)
        {
            Must(stream.MoveNextAsync().AsTask().Result, "the stream goes on");
            calls.Take(stream.Current);
        }
        stream.DisposeAsync().AsTask().Wait();
        var cancel = new CancellationTokenSource();
        var waiting = engine.Events().GetAsyncEnumerator(cancel.Token).MoveNextAsync().AsTask();
        cancel.Cancel();
        try
        {
            waiting.Wait();
            Must(false, "a wait that is cancelled ends");
        }
        catch (AggregateException error)
        {
            Must(error.InnerException is OperationCanceledException, error.ToString());
        }
    }
#endif

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void LogLine(uint level, IntPtr module, IntPtr text, int length, IntPtr user);

    private static void OneByOne()
    {
        using (Engine engine = MakeEngine())
        {
            bool traced = false;
            LogLine line = (level, module, text, length, user) =>
            {
                var bytes = new byte[length];
                Marshal.Copy(text, bytes, 0, length);
                traced |= Encoding.UTF8.GetString(bytes).Contains("X-Campaign: Fr\u00fchling");
            };
            Step("up");
            EveryMethod(engine);
            engine.LogSet(LogTrace, Marshal.GetFunctionPointerForDelegate(line), IntPtr.Zero);
            var calls = new Calls(engine);
            Pulled(engine, calls, 1);
#if SIDETONE_ASYNC_STREAMS
            Streamed(engine, calls);
#else
            Pulled(engine, calls, 2);
#endif
            engine.LogSet(LogOff, IntPtr.Zero, IntPtr.Zero);
            GC.KeepAlive(line);
            Must(traced, "the log told of the header");

            var loop = new Loop();
            SynchronizationContext.SetSynchronizationContext(loop);
            int thread = Thread.CurrentThread.ManagedThreadId;
            engine.EventReceived += (_, next) =>
            {
                Must(Thread.CurrentThread.ManagedThreadId == thread, "in the thread of the loop");
                calls.Take(next);
            };
            engine.Pump();
            SynchronizationContext.SetSynchronizationContext(null);
            calls.Dial();
            while (calls.Ended < 3) loop.Posted.Take()();
            calls.AllAnswered();
            Refused(ErrInvalidUri, () => engine.CallDial(IdNone, "foo:bar", null, out _));
            Must(engine.EngineAddressRead(TransportUdp).StartsWith("127.0.0.1:"), "address");
        }
    }

    /// Two hundred calls, twenty at a time, while garbage is collected.
    private static void WithCollections()
    {
        using (Engine engine = MakeEngine())
        using (var done = new ManualResetEvent(false))
        using (var one = new SemaphoreSlim(20))
        using (var all = new CountdownEvent(200))
        {
            int collections = 0;
            var collector = new Thread(() =>
            {
                do
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    ++collections;
                } while (!done.WaitOne(10));
            });
            var calls = new Calls(engine);
            engine.EventReceived += (_, next) =>
            {
                calls.Take(next);
                if (next.Kind != EventCall || next.State != CallEnded) return;
                one.Release();
                all.Signal();
            };
            engine.Pump();
            collector.Start();
            for (int number = 0; number < 200; ++number)
            {
                Must(one.Wait(20000), "a call ends");
                calls.Dial();
            }
            Must(all.Wait(20000), "all calls end");
            done.Set();
            collector.Join();
            Must(collections >= 5, "garbage was collected: " + collections);
            calls.AllAnswered();
        }
    }

    /// An engine that nobody disposes, and its last breath.
    private static void Forgotten()
    {
        MakeEngine().Wake();
        var stopped = MakeEngine();
        stopped.EngineShutdown(2000);
        Event last = null;
        for (Event next; (next = stopped.EventNext()) != null;) last = next;
        Must(last.Kind == EventStopped && stopped.Stopped, "the last event");
        stopped.Dispose();
        try
        {
            stopped.Wake();
            Must(false, "it is disposed");
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// Calls each method with what means nothing: it must come as far as the library.
    private static void EveryMethod(Engine engine)
    {
        int count = 0;
        foreach (var method in typeof(Engine).GetMethods())
        {
            if (method.DeclaringType != typeof(Engine) || method.IsSpecialName) continue;
            if (NotTried.Contains(method.Name)) continue;
            var given = Array.ConvertAll(method.GetParameters(), one => Nothing(one.ParameterType));
            ++count;
            try
            {
                method.Invoke(engine, given);
            }
            catch (TargetInvocationException wrapped)
            {
                var error = wrapped.InnerException as SidetoneException;
                Must(error != null && Known.Contains(error.Status), method.Name + ": " + wrapped);
            }
        }
        Must(count > 50, count + " methods");
    }

    private static readonly HashSet<string> NotTried = new HashSet<string>
    {
        "Dispose", "Pump", "EventNext", "EngineShutdown", "WakeupSetFd", "WakeupSetHandle",
        "WakeupSetWindow",
    };

    private static readonly HashSet<int> Known = new HashSet<int>
    {
        ErrWrongKind, ErrInvalidArgument, ErrInvalidUri, ErrUnsupported, ErrNullPointer,
    };

    private static object Nothing(Type type)
    {
        if (type.IsByRef) return null;
        if (type == typeof(string)) return "x";
        if (type == typeof(byte[])) return new byte[1];
        if (type == typeof(short[])) return new short[TapSamplesMax];
        return Activator.CreateInstance(type);
    }

    private static void WithoutAnEngine()
    {
        Must(Library.ApiVersion >= ApiVersion && Library.Version != "", "version");
        Must(Library.HasFeature("srtp") && !Library.HasFeature("teleport"), "features");
        var parts = new[]
        {
            new BodyPart { ContentType = "text/plain", Body = new byte[] { 1, 0, 2 } },
            new BodyPart { ContentType = "application/x-map", Body = new byte[0] },
        };
        byte[] body = Library.MultipartWrite(parts, out string contentType);
        BodyPart[] back = Library.MultipartRead(contentType, body);
        Must(back.Length == 2 && back[1].ContentType == "application/x-map", "parts");
        Must(back[0].Body.Length == 3 && back[0].Body[2] == 2, "octets");
        Refused(ErrInvalidArgument, () => new Engine(new EngineConfig { SipPort = 70000 }));
    }

    private static void Main(string[] arguments)
    {
        uri = arguments[0];
        hz = int.Parse(arguments[1]);
        WithoutAnEngine();
        Step("before");
        OneByOne();
        WithCollections();
        // On a thread of its own, so that no reference stays on this one's stack.
        var thread = new Thread(Forgotten);
        thread.Start();
        thread.Join();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Step("gone");
        if (Environment.OSVersion.Platform == PlatformID.Win32NT) Unload();
    }

    [DllImport("kernel32", CharSet = CharSet.Unicode)]
    private static extern IntPtr GetModuleHandleW(string name);

    [DllImport("kernel32")]
    private static extern int FreeLibrary(IntPtr module);

    /// Nothing calls the library any more.
    private static void Unload()
    {
        Must(FreeLibrary(GetModuleHandleW("sidetone.dll")) != 0, "it is freed");
        Must(GetModuleHandleW("sidetone.dll") == IntPtr.Zero, "it is gone");
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
