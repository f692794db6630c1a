// Two taps of a call: while the reader of one stalls, and while garbage is collected, the other one and
// the call lose nothing.
using System;
using System.Threading;
using Sidetone;
using static Sidetone.Constants;

internal static class Stall
{
    /// Frames that the steady reader has to get in a stall: a second.
    private const int Frames = 50;

    private static void Must(bool holds, string what)
    {
        if (!holds) throw new Exception("not so: " + what);
    }

    private static Engine MakeEngine() => new Engine(new EngineConfig { Bind = "127.0.0.1" });

    /// Has one engine call the other, and answers; the calls.
    private static void Connect(Engine near, Engine far, out ulong call, out ulong farCall)
    {
        call = near.CallDial(IdNone, "sip:b@" + far.EngineAddressRead(TransportUdp), null, out _);
        Event next = Await(far, EventIncomingCall, 0);
        farCall = next.Call;
        far.CallAnswer(farCall);
        Await(near, EventCall, CallConnected);
    }

    private static Event Await(Engine engine, uint kind, uint state)
    {
        for (; ; )
        {
            Event next = engine.EventNext(20000);
            Must(next != null, "an event in time");
            if (next.Kind == kind && (kind != EventCall || next.State == state)) return next;
        }
    }

    private static ulong Tap(Engine engine, ulong call, uint bufferMs) =>
        engine.TapOpen(call, new TapOptions { SampleRateHz = 16000, BufferMs = bufferMs });

    /// Reads a tap all the time, and counts.
    private sealed class Reader
    {
        private readonly Thread thread;
        private volatile bool ends;
        private ulong expected;
        private long frames;

        internal Reader(Engine engine, ulong tap)
        {
            thread = new Thread(() =>
            {
                var samples = new short[TapSamplesMax];
                while (!ends)
                {
                    Must(engine.TapRead(tap, samples, out TapFrame frame, 20000), "a frame in time");
                    Must(frame.Dropped == 0 && frame.Timestamp == expected, "without a gap");
                    expected = frame.Timestamp + frame.Samples;
                    Interlocked.Increment(ref frames);
                }
            });
            thread.Start();
        }

        internal void Await(long more)
        {
            for (long end = Interlocked.Read(ref frames) + more; Interlocked.Read(ref frames) < end;)
                Thread.Sleep(10);
        }

        internal void End()
        {
            ends = true;
            thread.Join();
        }
    }

    /// What a reader finds that has stalled: what waited, then a gap as long as its tap says.
    private static void FindTheGap(Engine engine, ulong tap)
    {
        var samples = new short[TapSamplesMax];
        ulong expected = 0, dropped = 0;
        while (dropped == 0)
        {
            Must(engine.TapRead(tap, samples, out TapFrame frame, 20000), "a frame in time");
            dropped = frame.Dropped;
            Must(frame.Timestamp == expected + frame.Dropped * frame.Samples, "a gap is told");
            expected = frame.Timestamp + frame.Samples;
        }
        Must(dropped >= Frames - 30, dropped + " frames were dropped");
        Must(engine.TapInfoRead(tap).Dropped >= dropped, "the tap counts them");
    }

    private static void Main()
    {
        using (Engine near = MakeEngine())
        using (Engine far = MakeEngine())
        {
            Connect(near, far, out ulong call, out ulong farCall);
            ulong stalled = Tap(near, call, 100), steady = Tap(near, call, 10000);
            var reader = new Reader(near, steady);
            reader.Await(1);
            Thread.Sleep(500);
            reader.Await(Frames);
            FindTheGap(near, stalled);
            ulong collected = Tap(near, call, 10000);
            for (int index = 0; index < 20; ++index)
            {
                GC.Collect();
                reader.Await(1);
            }
            reader.End();
            Must(near.TapInfoRead(steady).Dropped == 0, "the other tap lost nothing");
            Must(near.TapInfoRead(collected).Dropped == 0, "nor did one during collections");
            Must(near.CallStatsRead(call).PacketsLost == 0, "the call lost nothing");
            Must(far.CallStatsRead(farCall).PacketsLost == 0, "nor did the far end");
        }
        Console.WriteLine("all heard");
    }
}
