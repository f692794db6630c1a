// Settings and events with texts and lists of C#, and the functions of sidetone.h that take an
// engine, as its methods. Every command gives the number of its request: its outcome comes as
// an event EventReply.
//
// Written by tests/bindings.rs from include/sidetone.h; change it there.
using System;

namespace Sidetone
{
    /// <summary>Settings of an engine. Fill it with sidetone_engine_config_init(), then change
    /// what should differ. Times are in milliseconds, 1 to 86400000 where nothing else is said.
    /// What is null has the library's default.</summary>
    public sealed unsafe class EngineConfig
    {
        /// <summary>SIP port for UDP and TCP, 0 to 65535; 0: a free one (default).</summary>
        public uint? SipPort { get; set; }
        /// <summary>User-Agent and Server header; empty: "sidetone/VERSION" (default).</summary>
        public string UserAgent { get; set; }
        /// <summary>IP address that the SIP and RTP sockets bind, or name of the interface whose
        /// address they bind ("eth0", on Windows "Ethernet"): when it gets another one they
        /// follow, and registrations and calls with them. Empty: 0.0.0.0 (default).</summary>
        public string Bind { get; set; }
        /// <summary>First RTP port, 1024 or above; 0: free ones of the system (default). Even ones
        /// are used, each with the next one for RTCP.</summary>
        public uint? RtpPortFirst { get; set; }
        /// <summary>Last RTP port; 0 with `rtp_port_first` 0.</summary>
        public uint? RtpPortLast { get; set; }
        /// <summary>Calls at once, 1 to 65535; default 64.</summary>
        public uint? MaxCalls { get; set; }
        /// <summary>Accounts at once, 1 to 65535; default 64.</summary>
        public uint? MaxAccounts { get; set; }
        /// <summary>Media worker threads, 0 to 256; 0: cores - 1, one at least
        /// (default).</summary>
        public uint? MediaWorkers { get; set; }
        /// <summary>1: incoming calls for none of the accounts are taken (default); 0: refused
        /// with 404.</summary>
        public uint? AcceptUnknown { get; set; }
        /// <summary>T1 of RFC 3261, 10 to 10000; default 500.</summary>
        public uint? T1Ms { get; set; }
        /// <summary>T2 of RFC 3261, not less than T1; default 4000.</summary>
        public uint? T2Ms { get; set; }
        /// <summary>T4 of RFC 3261, default 5000.</summary>
        public uint? T4Ms { get; set; }
        /// <summary>Shortest registration lifetime that is asked for after a 423, default
        /// 60000.</summary>
        public uint? MinRegistrationMs { get; set; }
        /// <summary>Shortest session interval that is accepted (RFC 4028), default
        /// 90000.</summary>
        public uint? MinSessionMs { get; set; }
        /// <summary>First wait before a failed registration is tried again, default 2000; it
        /// doubles.</summary>
        public uint? RetryBaseMs { get; set; }
        /// <summary>Longest such wait, not less than `retry_base_ms`; default 300000.</summary>
        public uint? RetryMaxMs { get; set; }
        /// <summary>Most calls that may begin in any minute, in both directions; 0: any number
        /// (default). Further ones are refused, and SIDETONE_EVENT_CALLS_LIMITED tells of
        /// it.</summary>
        public uint? MaxCallsPerMinute { get; set; }
        /// <summary>Seed of every random number, for replay in tests; 0: the system's entropy
        /// (default).</summary>
        public ulong? Seed { get; set; }
        /// <summary>How audio reaches the user at first, SIDETONE_AUDIO_*; default headless. This
        /// field and the next three are those of sidetone_audio.</summary>
        public uint? AudioKind { get; set; }
        /// <summary>WAV: 1: the microphone file starts again at its end; 0: silence
        /// follows.</summary>
        public uint? AudioRepeat { get; set; }
        /// <summary>Microphone, or the file in its place.</summary>
        public string Microphone { get; set; }
        /// <summary>Loudspeaker, or the file in its place.</summary>
        public string Loudspeaker { get; set; }
        /// <summary>DNS server to ask, "address:port"; empty: those of the system (default). One
        /// is asked only for names that neither are numbers nor stand in the hosts file.</summary>
        public string DnsServer { get; set; }
        /// <summary>How long a target that failed is tried after the others (RFC 3263), default
        /// 30000; it doubles with each failure in a row.</summary>
        public uint? AvoidMs { get; set; }
        /// <summary>Longest such time, not less than `avoid_ms`; default 600000.</summary>
        public uint? AvoidMaxMs { get; set; }
        /// <summary>TLS: PEM file of the authorities to trust, or of single certificates to trust
        /// as they are; empty: the system's (default).</summary>
        public string TlsCaFile { get; set; }
        /// <summary>TLS: PEM file of our certificate, shown to servers that ask for one and by the
        /// listener; empty: none (default).</summary>
        public string TlsCertificateFile { get; set; }
        /// <summary>TLS: PEM file of its private key.</summary>
        public string TlsKeyFile { get; set; }
        /// <summary>Path of WebSocket servers; empty: "/ws" (default).</summary>
        public string WebsocketPath { get; set; }
        /// <summary>TLS: 1: a server must show a certificate of the domain that was asked for, by
        /// an authority that is trusted (default); 0: any certificate is taken, and the log
        /// warns.</summary>
        public uint? TlsVerify { get; set; }
        /// <summary>TLS: 1: listen, which needs a certificate; 0: do not (default).</summary>
        public uint? TlsListen { get; set; }
        /// <summary>TLS: port to listen on, 0 to 65535; 0: a free one (default).</summary>
        public uint? TlsPort { get; set; }
        /// <summary>DSCP of SIP, 0 to 63; default 24 (CS3).</summary>
        public uint? SipDscp { get; set; }
        /// <summary>DSCP of RTP and RTCP, 0 to 63; default 46 (EF).</summary>
        public uint? RtpDscp { get; set; }
        /// <summary>Longest time between two keep-alives of a registration over TCP, TLS or
        /// WebSocket; 0: none; default 120000. Each comes after 80 to 100 % of it.</summary>
        public uint? KeepAliveStreamMs { get; set; }
        /// <summary>The same over UDP, default 29000.</summary>
        public uint? KeepAliveUdpMs { get; set; }
        /// <summary>SIDETONE_KEEP_ALIVE_*: what is sent over UDP; default automatic.</summary>
        public uint? KeepAliveUdp { get; set; }
        /// <summary>How long the answer to a keep-alive may take before the flow counts as dead
        /// and the registration is made anew; default 10000.</summary>
        public uint? KeepAliveAnswerMs { get; set; }
        /// <summary>A request of more bytes than this goes over TCP rather than UDP, and over UDP
        /// after all where nobody takes the connection (RFC 3261 section 18.1.1); 0: never;
        /// default 1300.</summary>
        public uint? TcpAboveBytes { get; set; }
        /// <summary>Methods, separated by commas, whose requests come as SIDETONE_EVENT_REQUEST to
        /// be answered by the host; "*": every one that the engine does not serve itself. INFO
        /// means those that carry no digit. Empty: none (default); they get 405 or 501.</summary>
        public string HostMethods { get; set; }
        /// <summary>Media types, separated by commas, that an incoming MESSAGE may have
        /// ("text/plain", "text/*", "*/*"); any other gets 415. Empty: "text/*", "message/cpim"
        /// and "application/im-iscomposing+xml" (default).</summary>
        public string MessageTypes { get; set; }
        /// <summary>Most octets of an incoming MESSAGE, 1 to 65535; a longer one gets 413. Default
        /// 16384.</summary>
        public uint? MaxMessageBytes { get; set; }
        /// <summary>Subscriptions at once, and as many publications, 1 to 65535; default
        /// 1024.</summary>
        public uint? MaxSubscriptions { get; set; }

        internal RawEngineConfig* Fill(Borrowed borrowed)
        {
            var raw = (RawEngineConfig*)borrowed.Take(sizeof(RawEngineConfig));
            SidetoneException.Check(Native.sidetone_engine_config_init(raw, (uint)sizeof(RawEngineConfig)));
            if (SipPort != null) raw->SipPort = SipPort.Value;
            if (UserAgent != null) raw->UserAgent = borrowed.Text(UserAgent);
            if (Bind != null) raw->Bind = borrowed.Text(Bind);
            if (RtpPortFirst != null) raw->RtpPortFirst = RtpPortFirst.Value;
            if (RtpPortLast != null) raw->RtpPortLast = RtpPortLast.Value;
            if (MaxCalls != null) raw->MaxCalls = MaxCalls.Value;
            if (MaxAccounts != null) raw->MaxAccounts = MaxAccounts.Value;
            if (MediaWorkers != null) raw->MediaWorkers = MediaWorkers.Value;
            if (AcceptUnknown != null) raw->AcceptUnknown = AcceptUnknown.Value;
            if (T1Ms != null) raw->T1Ms = T1Ms.Value;
            if (T2Ms != null) raw->T2Ms = T2Ms.Value;
            if (T4Ms != null) raw->T4Ms = T4Ms.Value;
            if (MinRegistrationMs != null) raw->MinRegistrationMs = MinRegistrationMs.Value;
            if (MinSessionMs != null) raw->MinSessionMs = MinSessionMs.Value;
            if (RetryBaseMs != null) raw->RetryBaseMs = RetryBaseMs.Value;
            if (RetryMaxMs != null) raw->RetryMaxMs = RetryMaxMs.Value;
            if (MaxCallsPerMinute != null) raw->MaxCallsPerMinute = MaxCallsPerMinute.Value;
            if (Seed != null) raw->Seed = Seed.Value;
            if (AudioKind != null) raw->AudioKind = AudioKind.Value;
            if (AudioRepeat != null) raw->AudioRepeat = AudioRepeat.Value;
            if (Microphone != null) raw->Microphone = borrowed.Text(Microphone);
            if (Loudspeaker != null) raw->Loudspeaker = borrowed.Text(Loudspeaker);
            if (DnsServer != null) raw->DnsServer = borrowed.Text(DnsServer);
            if (AvoidMs != null) raw->AvoidMs = AvoidMs.Value;
            if (AvoidMaxMs != null) raw->AvoidMaxMs = AvoidMaxMs.Value;
            if (TlsCaFile != null) raw->TlsCaFile = borrowed.Text(TlsCaFile);
            if (TlsCertificateFile != null) raw->TlsCertificateFile = borrowed.Text(TlsCertificateFile);
            if (TlsKeyFile != null) raw->TlsKeyFile = borrowed.Text(TlsKeyFile);
            if (WebsocketPath != null) raw->WebsocketPath = borrowed.Text(WebsocketPath);
            if (TlsVerify != null) raw->TlsVerify = TlsVerify.Value;
            if (TlsListen != null) raw->TlsListen = TlsListen.Value;
            if (TlsPort != null) raw->TlsPort = TlsPort.Value;
            if (SipDscp != null) raw->SipDscp = SipDscp.Value;
            if (RtpDscp != null) raw->RtpDscp = RtpDscp.Value;
            if (KeepAliveStreamMs != null) raw->KeepAliveStreamMs = KeepAliveStreamMs.Value;
            if (KeepAliveUdpMs != null) raw->KeepAliveUdpMs = KeepAliveUdpMs.Value;
            if (KeepAliveUdp != null) raw->KeepAliveUdp = KeepAliveUdp.Value;
            if (KeepAliveAnswerMs != null) raw->KeepAliveAnswerMs = KeepAliveAnswerMs.Value;
            if (TcpAboveBytes != null) raw->TcpAboveBytes = TcpAboveBytes.Value;
            if (HostMethods != null) raw->HostMethods = borrowed.Text(HostMethods);
            if (MessageTypes != null) raw->MessageTypes = borrowed.Text(MessageTypes);
            if (MaxMessageBytes != null) raw->MaxMessageBytes = MaxMessageBytes.Value;
            if (MaxSubscriptions != null) raw->MaxSubscriptions = MaxSubscriptions.Value;
            return raw;
        }
    }

    /// <summary>Settings of an account. Fill it with sidetone_account_config_init(), then change
    /// what should differ. Lists end with 0; an empty list is the default. What is null has the
    /// library's default.</summary>
    public sealed unsafe class AccountConfig
    {
        /// <summary>SIDETONE_TRANSPORT_*; default AUTO: what the URI or the domain's DNS says,
        /// else UDP.</summary>
        public uint? Transport { get; set; }
        /// <summary>Address of record, "sip:alice@example.com". Must be set.</summary>
        public string Aor { get; set; }
        /// <summary>Display name in From; may be empty.</summary>
        public string DisplayName { get; set; }
        /// <summary>Registrar, "sip:example.com"; empty: none, the account only places and takes
        /// calls.</summary>
        public string Registrar { get; set; }
        /// <summary>User name for digest; empty: the user part of `aor`.</summary>
        public string AuthUser { get; set; }
        /// <summary>Password for digest. It is copied, and never logged. It is used in the
        /// account's own realms only: see `realms`.</summary>
        public string Password { get; set; }
        /// <summary>Outbound proxy, "sip:proxy.example.com;lr"; empty: none. Several, with commas
        /// between them: the way through all of them.</summary>
        public string OutboundProxy { get; set; }
        /// <summary>SIP port of its own, UDP and TCP; 0: the engine's (default).</summary>
        public uint? LocalPort { get; set; }
        /// <summary>First RTP port of its own, 1024 or above; 0: the engine's (default).</summary>
        public uint? RtpPortFirst { get; set; }
        /// <summary>Last RTP port of its own.</summary>
        public uint? RtpPortLast { get; set; }
        /// <summary>Registration lifetime asked for, seconds, 1 to 86400; default 300.</summary>
        public uint? ExpiresS { get; set; }
        /// <summary>1: register at once when added, if there is a registrar (default); 0: wait for
        /// sidetone_account_register().</summary>
        public uint? RegisterOnAdd { get; set; }
        /// <summary>Packet time asked for, ms: 10, 20, 30, 40, 50 or 60; 0: 20
        /// (default).</summary>
        public uint? PtimeMs { get; set; }
        /// <summary>SIDETONE_SRTP_*; default optional.</summary>
        public uint? Srtp { get; set; }
        /// <summary>SIDETONE_DTMF_*; default auto.</summary>
        public uint? Dtmf { get; set; }
        /// <summary>SIDETONE_LATCH_*; default once.</summary>
        public uint? Latch { get; set; }
        /// <summary>SIDETONE_CODEC_* in order of preference; default Opus, G.722, PCMA,
        /// PCMU.</summary>
        public uint[] Codecs { get; set; }
        /// <summary>SIDETONE_SUITE_* in order of preference; default all.</summary>
        public uint[] SrtpSuites { get; set; }
        /// <summary>Headers added to every request of this account.</summary>
        public Headers Headers { get; set; }
        /// <summary>Which device this is towards the registrar, "urn:uuid:...", the same for ever
        /// (RFC 5626); empty: one that lasts as long as the engine (default).</summary>
        public string InstanceId { get; set; }
        /// <summary>SIDETONE_OUTBOUND_*; default auto.</summary>
        public uint? Outbound { get; set; }
        /// <summary>SIDETONE_GRUU_*; default off.</summary>
        public uint? Gruu { get; set; }
        /// <summary>IP address that others reach us at, for Via, Contact and SDP in the place of
        /// our own; empty: our own (default).</summary>
        public string PublicAddress { get; set; }
        /// <summary>1: Contact is where the registrar sees us, as it tells in `received` and
        /// `rport` (RFC 3581; default); 0: our own address.</summary>
        public uint? LearnContact { get; set; }
        /// <summary>A WAV file that the far end of a held call hears; it is read when the account
        /// is added or updated; empty: silence (default).</summary>
        public string HoldMusic { get; set; }
        /// <summary>SIDETONE_EARLY_MEDIA_*; default auto.</summary>
        public uint? EarlyMedia { get; set; }
        /// <summary>SIDETONE_PRACK_*; default supported.</summary>
        public uint? Prack { get; set; }
        /// <summary>SIDETONE_OFFER_*; default early.</summary>
        public uint? Offer { get; set; }
        /// <summary>Interval of the session timer that we ask for (RFC 4028), seconds, 90 to
        /// 86400; 0: we ask for none, and keep to the far end's (default).</summary>
        public uint? SessionExpiresS { get; set; }
        /// <summary>Realms whose challenges are answered with the password, whoever asks, by their
        /// exact names, with commas between them; one that has a comma itself stands in quotes:
        /// `pbx,"Acme, Inc."`; "*": any realm. Empty (default): those of the account's own
        /// servers, in requests that really go where the hosts of `aor`, `registrar`,
        /// `outbound_proxy` or of the registrar's Service-Route were found, or where the REGISTER
        /// went; what a far end says of the way counts for nothing. They are these hosts by name;
        /// the realms that challenged a REGISTER of this account, the latest 8; and while there is
        /// none such, the realm that first challenges a request outside of calls. Any other
        /// challenge ends its request as it would without a password, and the reason names the
        /// realm. To be named here, and the registrar's realm beside it: that of a proxy which is
        /// not the registrar's, and that of a server at another address than these (RFC 3261
        /// 22.3).</summary>
        public string Realms { get; set; }
        /// <summary>Complexity of the Opus encoder: 1 to 10, or SIDETONE_OPUS_COMPLEXITY_LEAST; 0:
        /// 5 (default).</summary>
        public uint? OpusComplexity { get; set; }
        /// <summary>Bit rate of Opus, 6000 to 510000: ours on average, and the most that far ends
        /// are asked to send; 0: 32000, or what the far end allows up to 64000, and far ends as
        /// they like (default).</summary>
        public uint? OpusBitrateBps { get; set; }
        /// <summary>SIDETONE_OPUS_BANDWIDTH_*: the widest that we send, and that far ends are
        /// asked for; 0: full (default).</summary>
        public uint? OpusBandwidth { get; set; }
        /// <summary>SIDETONE_OPUS_ON: in-band FEC is asked for, and sent where the far end takes
        /// it; 0: the same (default).</summary>
        public uint? OpusFec { get; set; }
        /// <summary>SIDETONE_OPUS_ON: DTX is asked for, and used where we send; 0: used where the
        /// far end asks for it (default).</summary>
        public uint? OpusDtx { get; set; }

        internal RawAccountConfig* Fill(Borrowed borrowed)
        {
            var raw = (RawAccountConfig*)borrowed.Take(sizeof(RawAccountConfig));
            SidetoneException.Check(Native.sidetone_account_config_init(raw, (uint)sizeof(RawAccountConfig)));
            if (Transport != null) raw->Transport = Transport.Value;
            if (Aor != null) raw->Aor = borrowed.Text(Aor);
            if (DisplayName != null) raw->DisplayName = borrowed.Text(DisplayName);
            if (Registrar != null) raw->Registrar = borrowed.Text(Registrar);
            if (AuthUser != null) raw->AuthUser = borrowed.Text(AuthUser);
            if (Password != null) raw->Password = borrowed.Text(Password);
            if (OutboundProxy != null) raw->OutboundProxy = borrowed.Text(OutboundProxy);
            if (LocalPort != null) raw->LocalPort = LocalPort.Value;
            if (RtpPortFirst != null) raw->RtpPortFirst = RtpPortFirst.Value;
            if (RtpPortLast != null) raw->RtpPortLast = RtpPortLast.Value;
            if (ExpiresS != null) raw->ExpiresS = ExpiresS.Value;
            if (RegisterOnAdd != null) raw->RegisterOnAdd = RegisterOnAdd.Value;
            if (PtimeMs != null) raw->PtimeMs = PtimeMs.Value;
            if (Srtp != null) raw->Srtp = Srtp.Value;
            if (Dtmf != null) raw->Dtmf = Dtmf.Value;
            if (Latch != null) raw->Latch = Latch.Value;
            if (Codecs != null) Borrowed.Fill(raw->Codecs, 16, Codecs);
            if (SrtpSuites != null) Borrowed.Fill(raw->SrtpSuites, 16, SrtpSuites);
            if (Headers != null) raw->Headers = borrowed.List(Headers);
            if (InstanceId != null) raw->InstanceId = borrowed.Text(InstanceId);
            if (Outbound != null) raw->Outbound = Outbound.Value;
            if (Gruu != null) raw->Gruu = Gruu.Value;
            if (PublicAddress != null) raw->PublicAddress = borrowed.Text(PublicAddress);
            if (LearnContact != null) raw->LearnContact = LearnContact.Value;
            if (HoldMusic != null) raw->HoldMusic = borrowed.Text(HoldMusic);
            if (EarlyMedia != null) raw->EarlyMedia = EarlyMedia.Value;
            if (Prack != null) raw->Prack = Prack.Value;
            if (Offer != null) raw->Offer = Offer.Value;
            if (SessionExpiresS != null) raw->SessionExpiresS = SessionExpiresS.Value;
            if (Realms != null) raw->Realms = borrowed.Text(Realms);
            if (OpusComplexity != null) raw->OpusComplexity = OpusComplexity.Value;
            if (OpusBitrateBps != null) raw->OpusBitrateBps = OpusBitrateBps.Value;
            if (OpusBandwidth != null) raw->OpusBandwidth = OpusBandwidth.Value;
            if (OpusFec != null) raw->OpusFec = OpusFec.Value;
            if (OpusDtx != null) raw->OpusDtx = OpusDtx.Value;
            return raw;
        }
    }

    /// <summary>Options of one outgoing call. Fill it with sidetone_dial_options_init(), which
    /// leaves everything to the account (or, without one, to the defaults of an account). What is
    /// null has the library's default.</summary>
    public sealed unsafe class DialOptions
    {
        /// <summary>SIDETONE_SRTP_*; 0: the account's.</summary>
        public uint? Srtp { get; set; }
        /// <summary>Packet time, ms: 10, 20, 30, 40, 50 or 60; 0: the account's.</summary>
        public uint? PtimeMs { get; set; }
        /// <summary>Give up when no final answer came within this time, 1 to 3600000 ms; 0:
        /// 180000.</summary>
        public uint? NoAnswerMs { get; set; }
        /// <summary>SIDETONE_CODEC_* in order of preference, ended by 0; empty: the
        /// account's.</summary>
        public uint[] Codecs { get; set; }
        /// <summary>Headers of the INVITE.</summary>
        public Headers Headers { get; set; }
        /// <summary>1: the called is not to know who calls; 2: it is; 0: as the account's services
        /// say.</summary>
        public uint? Anonymous { get; set; }
        /// <summary>The call ends when it has been connected for so long, seconds; 0: as the
        /// account's services say.</summary>
        public uint? MaxDurationS { get; set; }
        /// <summary>SIDETONE_EARLY_MEDIA_*; 0: the account's.</summary>
        public uint? EarlyMedia { get; set; }
        /// <summary>SIDETONE_PRACK_*; 0: the account's.</summary>
        public uint? Prack { get; set; }
        /// <summary>SIDETONE_OFFER_*; 0: the account's.</summary>
        public uint? Offer { get; set; }
        /// <summary>As in sidetone_account_config; 0: the account's.</summary>
        public uint? OpusComplexity { get; set; }
        /// <summary>As in sidetone_account_config; 0: the account's.</summary>
        public uint? OpusBitrateBps { get; set; }
        /// <summary>As in sidetone_account_config; 0: the account's.</summary>
        public uint? OpusBandwidth { get; set; }
        /// <summary>As in sidetone_account_config; 0: the account's.</summary>
        public uint? OpusFec { get; set; }
        /// <summary>As in sidetone_account_config; 0: the account's.</summary>
        public uint? OpusDtx { get; set; }

        internal RawDialOptions* Fill(Borrowed borrowed)
        {
            var raw = (RawDialOptions*)borrowed.Take(sizeof(RawDialOptions));
            SidetoneException.Check(Native.sidetone_dial_options_init(raw, (uint)sizeof(RawDialOptions)));
            if (Srtp != null) raw->Srtp = Srtp.Value;
            if (PtimeMs != null) raw->PtimeMs = PtimeMs.Value;
            if (NoAnswerMs != null) raw->NoAnswerMs = NoAnswerMs.Value;
            if (Codecs != null) Borrowed.Fill(raw->Codecs, 16, Codecs);
            if (Headers != null) raw->Headers = borrowed.List(Headers);
            if (Anonymous != null) raw->Anonymous = Anonymous.Value;
            if (MaxDurationS != null) raw->MaxDurationS = MaxDurationS.Value;
            if (EarlyMedia != null) raw->EarlyMedia = EarlyMedia.Value;
            if (Prack != null) raw->Prack = Prack.Value;
            if (Offer != null) raw->Offer = Offer.Value;
            if (OpusComplexity != null) raw->OpusComplexity = OpusComplexity.Value;
            if (OpusBitrateBps != null) raw->OpusBitrateBps = OpusBitrateBps.Value;
            if (OpusBandwidth != null) raw->OpusBandwidth = OpusBandwidth.Value;
            if (OpusFec != null) raw->OpusFec = OpusFec.Value;
            if (OpusDtx != null) raw->OpusDtx = OpusDtx.Value;
            return raw;
        }
    }

    /// <summary>Options of an answer. Fill it with sidetone_answer_options_init(). What is null
    /// has the library's default.</summary>
    public sealed unsafe class AnswerOptions
    {
        /// <summary>Headers of the 200.</summary>
        public Headers Headers { get; set; }

        internal RawAnswerOptions* Fill(Borrowed borrowed)
        {
            var raw = (RawAnswerOptions*)borrowed.Take(sizeof(RawAnswerOptions));
            SidetoneException.Check(Native.sidetone_answer_options_init(raw, (uint)sizeof(RawAnswerOptions)));
            if (Headers != null) raw->Headers = borrowed.List(Headers);
            return raw;
        }
    }

    /// <summary>What an account does with its calls without asking. Fill it with
    /// sidetone_account_services_init(), then change what should differ. Empty text: none. What is
    /// null has the library's default.</summary>
    public sealed unsafe class AccountServices
    {
        /// <summary>SIDETONE_DISTURB_*; default allowed.</summary>
        public uint? DoNotDisturb { get; set; }
        /// <summary>1: a second call may ring (default); 0: the account is busy (486) with
        /// one.</summary>
        public uint? CallWaiting { get; set; }
        /// <summary>Most calls at once, in both directions; 0: as many as the engine takes
        /// (default).</summary>
        public uint? MaxCalls { get; set; }
        /// <summary>SIP URI that every call is sent on to, by 302 with a Diversion header (RFC
        /// 5806).</summary>
        public string ForwardAlways { get; set; }
        /// <summary>SIP URI that calls are sent on to while the account is busy or does not want
        /// to be disturbed.</summary>
        public string ForwardBusy { get; set; }
        /// <summary>SIP URI that calls are sent on to when nobody answers for
        /// `forward_after_ms`.</summary>
        public string ForwardNoAnswer { get; set; }
        /// <summary>See `forward_no_answer`, 1000 to 600000 ms; default 20000.</summary>
        public uint? ForwardAfterMs { get; set; }
        /// <summary>SIDETONE_AUTO_ANSWER_*; default off.</summary>
        public uint? AutoAnswer { get; set; }
        /// <summary>How long such a call rings when the caller does not say, 0 to 120000 ms;
        /// default 0.</summary>
        public uint? AutoAnswerDelayMs { get; set; }
        /// <summary>SIDETONE_POLICY_*: what is done when a far end wants us to call somebody
        /// else.</summary>
        public uint? Transfer { get; set; }
        /// <summary>Who may have a call answered by itself: users or addresses divided by commas,
        /// `*` for any characters ("200, 3*, *@example.com"); empty: everybody.</summary>
        public string AutoAnswerCallers { get; set; }
        /// <summary>SIDETONE_POLICY_*: what is done when a far end sends our call elsewhere
        /// (3xx).</summary>
        public uint? Redirect { get; set; }
        /// <summary>How many times a call may be sent elsewhere, 1 to 100; default 5.</summary>
        public uint? RedirectHops { get; set; }
        /// <summary>1: P-Asserted-Identity and Remote-Party-ID are believed, the network sees to
        /// it; 0: only From counts (default).</summary>
        public uint? TrustIdentity { get; set; }
        /// <summary>1: calls do not say who calls: From is anonymous and the network is asked for
        /// privacy (RFC 3323, 3325); 0: they do (default).</summary>
        public uint? Anonymous { get; set; }
        /// <summary>P-Preferred-Identity of calls, "sip:al@example.com", "tel:+49301234" or "Al
        /// &lt;sip:…&gt;".</summary>
        public string PreferredIdentity { get; set; }
        /// <summary>P-Asserted-Identity of calls, for a network that trusts us.</summary>
        public string AssertedIdentity { get; set; }
        /// <summary>1: calls carry Remote-Party-ID, for old networks; 0: they do not
        /// (default).</summary>
        public uint? RemotePartyId { get; set; }
        /// <summary>A call that came in is refused with 480 when nobody answers it for so long,
        /// 1000 to 3600000 ms; 0: 180000 (default).</summary>
        public uint? RingTimeMs { get; set; }
        /// <summary>A call ends when it has been connected for so long, seconds; 0: any time
        /// (default).</summary>
        public uint? MaxDurationS { get; set; }
        /// <summary>A call ends when no RTP came for so long while it should, 1000 to 3600000 ms;
        /// 0: never (default).</summary>
        public uint? DeadMediaMs { get; set; }
        /// <summary>Rules for numbers, as desk phones have them:
        /// "(&lt;0:+49&gt;[1-9]x.|*xx.|0900x.!)". Between bars; the first that fits the whole
        /// number counts. `x` is any digit, `[2-46]` one of a set, `.` repeats what is before it,
        /// `&lt;a:b&gt;` calls b for a, `!` at the end bars the number.</summary>
        public string DialPlan { get; set; }
        /// <summary>Country code, "49": national numbers become "+49…".</summary>
        public string CountryCode { get; set; }
        /// <summary>What is dialled before numbers of other countries, "00": becomes
        /// "+".</summary>
        public string InternationalPrefix { get; set; }
        /// <summary>What is dialled before numbers of other areas, "0".</summary>
        public string NationalPrefix { get; set; }
        /// <summary>What goes out for a leading "+", for exchanges that take none: "00" or
        /// "011".</summary>
        public string Plus { get; set; }

        internal RawAccountServices* Fill(Borrowed borrowed)
        {
            var raw = (RawAccountServices*)borrowed.Take(sizeof(RawAccountServices));
            SidetoneException.Check(Native.sidetone_account_services_init(raw, (uint)sizeof(RawAccountServices)));
            if (DoNotDisturb != null) raw->DoNotDisturb = DoNotDisturb.Value;
            if (CallWaiting != null) raw->CallWaiting = CallWaiting.Value;
            if (MaxCalls != null) raw->MaxCalls = MaxCalls.Value;
            if (ForwardAlways != null) raw->ForwardAlways = borrowed.Text(ForwardAlways);
            if (ForwardBusy != null) raw->ForwardBusy = borrowed.Text(ForwardBusy);
            if (ForwardNoAnswer != null) raw->ForwardNoAnswer = borrowed.Text(ForwardNoAnswer);
            if (ForwardAfterMs != null) raw->ForwardAfterMs = ForwardAfterMs.Value;
            if (AutoAnswer != null) raw->AutoAnswer = AutoAnswer.Value;
            if (AutoAnswerDelayMs != null) raw->AutoAnswerDelayMs = AutoAnswerDelayMs.Value;
            if (Transfer != null) raw->Transfer = Transfer.Value;
            if (AutoAnswerCallers != null) raw->AutoAnswerCallers = borrowed.Text(AutoAnswerCallers);
            if (Redirect != null) raw->Redirect = Redirect.Value;
            if (RedirectHops != null) raw->RedirectHops = RedirectHops.Value;
            if (TrustIdentity != null) raw->TrustIdentity = TrustIdentity.Value;
            if (Anonymous != null) raw->Anonymous = Anonymous.Value;
            if (PreferredIdentity != null) raw->PreferredIdentity = borrowed.Text(PreferredIdentity);
            if (AssertedIdentity != null) raw->AssertedIdentity = borrowed.Text(AssertedIdentity);
            if (RemotePartyId != null) raw->RemotePartyId = RemotePartyId.Value;
            if (RingTimeMs != null) raw->RingTimeMs = RingTimeMs.Value;
            if (MaxDurationS != null) raw->MaxDurationS = MaxDurationS.Value;
            if (DeadMediaMs != null) raw->DeadMediaMs = DeadMediaMs.Value;
            if (DialPlan != null) raw->DialPlan = borrowed.Text(DialPlan);
            if (CountryCode != null) raw->CountryCode = borrowed.Text(CountryCode);
            if (InternationalPrefix != null) raw->InternationalPrefix = borrowed.Text(InternationalPrefix);
            if (NationalPrefix != null) raw->NationalPrefix = borrowed.Text(NationalPrefix);
            if (Plus != null) raw->Plus = borrowed.Text(Plus);
            return raw;
        }
    }

    /// <summary>How a WAV file is played. Fill it with sidetone_play_options_init(). What is null
    /// has the library's default.</summary>
    public sealed unsafe class PlayOptions
    {
        /// <summary>1: start again at the end, until stopped; 0: once (default).</summary>
        public uint? Repeat { get; set; }
        /// <summary>Gain in dB, -96 to 24; default 0.</summary>
        public float? GainDb { get; set; }

        internal RawPlayOptions* Fill(Borrowed borrowed)
        {
            var raw = (RawPlayOptions*)borrowed.Take(sizeof(RawPlayOptions));
            SidetoneException.Check(Native.sidetone_play_options_init(raw, (uint)sizeof(RawPlayOptions)));
            if (Repeat != null) raw->Repeat = Repeat.Value;
            if (GainDb != null) raw->GainDb = GainDb.Value;
            return raw;
        }
    }

    /// <summary>How a call is tapped. Fill it with sidetone_tap_options_init(). What is null has
    /// the library's default.</summary>
    public sealed unsafe class TapOptions
    {
        /// <summary>SIDETONE_TAP_RECEIVED (default) or SIDETONE_TAP_SENT.</summary>
        public uint? Direction { get; set; }
        /// <summary>8000, 16000 (default), 24000 or 48000 Hz; mono, 16 bits.</summary>
        public uint? SampleRateHz { get; set; }
        /// <summary>Length of a frame, 10 or 20 ms (default).</summary>
        public uint? FrameMs { get; set; }
        /// <summary>Audio that waits to be read at most, 100 to 10000 ms, default 1000: as long as
        /// the host may stall without a gap.</summary>
        public uint? BufferMs { get; set; }

        internal RawTapOptions* Fill(Borrowed borrowed)
        {
            var raw = (RawTapOptions*)borrowed.Take(sizeof(RawTapOptions));
            SidetoneException.Check(Native.sidetone_tap_options_init(raw, (uint)sizeof(RawTapOptions)));
            if (Direction != null) raw->Direction = Direction.Value;
            if (SampleRateHz != null) raw->SampleRateHz = SampleRateHz.Value;
            if (FrameMs != null) raw->FrameMs = FrameMs.Value;
            if (BufferMs != null) raw->BufferMs = BufferMs.Value;
            return raw;
        }
    }

    /// <summary>How audio is put into a call. Fill it with sidetone_inject_options_init(). What is
    /// null has the library's default.</summary>
    public sealed unsafe class InjectOptions
    {
        /// <summary>SIDETONE_INJECT_FAR_END (default) or SIDETONE_INJECT_NEAR_END.</summary>
        public uint? Direction { get; set; }
        /// <summary>8000, 16000 (default), 24000 or 48000 Hz; mono, 16 bits.</summary>
        public uint? SampleRateHz { get; set; }
        /// <summary>Audio that may be written ahead, 100 to 60000 ms, default 5000.</summary>
        public uint? BufferMs { get; set; }

        internal RawInjectOptions* Fill(Borrowed borrowed)
        {
            var raw = (RawInjectOptions*)borrowed.Take(sizeof(RawInjectOptions));
            SidetoneException.Check(Native.sidetone_inject_options_init(raw, (uint)sizeof(RawInjectOptions)));
            if (Direction != null) raw->Direction = Direction.Value;
            if (SampleRateHz != null) raw->SampleRateHz = SampleRateHz.Value;
            if (BufferMs != null) raw->BufferMs = BufferMs.Value;
            return raw;
        }
    }

    /// <summary>A request of the host's own. Fill it with sidetone_sip_request_init(). What is
    /// null has the library's default.</summary>
    public sealed unsafe class SipRequest
    {
        /// <summary>Method: MESSAGE, INFO, OPTIONS, NOTIFY, …, or one of the host's own. INVITE,
        /// ACK, CANCEL, BYE, PRACK, UPDATE, REGISTER and SUBSCRIBE are the engine's.</summary>
        public string Method { get; set; }
        /// <summary>Media type of the body, with its parameters; empty without a body.</summary>
        public string ContentType { get; set; }
        /// <summary>The body: any octets, `length` of them, SIDETONE_BODY_MAX at most.</summary>
        public byte[] Body { get; set; }
        /// <summary>Headers.</summary>
        public Headers Headers { get; set; }

        internal RawSipRequest* Fill(Borrowed borrowed)
        {
            var raw = (RawSipRequest*)borrowed.Take(sizeof(RawSipRequest));
            SidetoneException.Check(Native.sidetone_sip_request_init(raw, (uint)sizeof(RawSipRequest)));
            if (Method != null) raw->Method = borrowed.Text(Method);
            if (ContentType != null) raw->ContentType = borrowed.Text(ContentType);
            if (Body != null) raw->Body = borrowed.Octets(Body);
            if (Headers != null) raw->Headers = borrowed.List(Headers);
            return raw;
        }
    }

    /// <summary>An answer to a request of SIDETONE_EVENT_REQUEST. Fill it with
    /// sidetone_sip_answer_init(). What is null has the library's default.</summary>
    public sealed unsafe class SipAnswer
    {
        /// <summary>Status code, 200 (default) to 699.</summary>
        public uint? SipCode { get; set; }
        /// <summary>Reason phrase; empty: the registered one.</summary>
        public string Reason { get; set; }
        /// <summary>Media type of the body, with its parameters; empty without a body.</summary>
        public string ContentType { get; set; }
        /// <summary>The body: any octets, `length` of them, SIDETONE_BODY_MAX at most.</summary>
        public byte[] Body { get; set; }
        /// <summary>Headers.</summary>
        public Headers Headers { get; set; }

        internal RawSipAnswer* Fill(Borrowed borrowed)
        {
            var raw = (RawSipAnswer*)borrowed.Take(sizeof(RawSipAnswer));
            SidetoneException.Check(Native.sidetone_sip_answer_init(raw, (uint)sizeof(RawSipAnswer)));
            if (SipCode != null) raw->SipCode = SipCode.Value;
            if (Reason != null) raw->Reason = borrowed.Text(Reason);
            if (ContentType != null) raw->ContentType = borrowed.Text(ContentType);
            if (Body != null) raw->Body = borrowed.Octets(Body);
            if (Headers != null) raw->Headers = borrowed.List(Headers);
            return raw;
        }
    }

    /// <summary>How something is watched. Fill it with sidetone_subscription_options_init(). What
    /// is null has the library's default.</summary>
    public sealed unsafe class SubscriptionOptions
    {
        /// <summary>SIDETONE_PACKAGE_*; default SIDETONE_PACKAGE_DIALOG.</summary>
        public uint? Package { get; set; }
        /// <summary>Lifetime asked for, 0 to 86400 seconds, default 3600; 0: one look and no more,
        /// with which the subscription ends and the reply comes.</summary>
        public uint? ExpiresS { get; set; }
        /// <summary>Event package of SIDETONE_PACKAGE_OTHER.</summary>
        public string Event { get; set; }
        /// <summary>Its media types, separated by commas.</summary>
        public string Accept { get; set; }

        internal RawSubscriptionOptions* Fill(Borrowed borrowed)
        {
            var raw = (RawSubscriptionOptions*)borrowed.Take(sizeof(RawSubscriptionOptions));
            SidetoneException.Check(Native.sidetone_subscription_options_init(raw, (uint)sizeof(RawSubscriptionOptions)));
            if (Package != null) raw->Package = Package.Value;
            if (ExpiresS != null) raw->ExpiresS = ExpiresS.Value;
            if (Event != null) raw->Event = borrowed.Text(Event);
            if (Accept != null) raw->Accept = borrowed.Text(Accept);
            return raw;
        }
    }

    /// <summary>Our own presence. Fill it with sidetone_presence_init(). What is null has the
    /// library's default.</summary>
    public sealed unsafe class Presence
    {
        /// <summary>1: can be reached (default); 0: cannot.</summary>
        public uint? Open { get; set; }
        /// <summary>What we do, a name of RFC 4480: "on-the-phone", "away", "busy", "meeting";
        /// empty: not said.</summary>
        public string Activity { get; set; }
        /// <summary>For people; empty: none.</summary>
        public string Note { get; set; }

        internal RawPresence* Fill(Borrowed borrowed)
        {
            var raw = (RawPresence*)borrowed.Take(sizeof(RawPresence));
            SidetoneException.Check(Native.sidetone_presence_init(raw, (uint)sizeof(RawPresence)));
            if (Open != null) raw->Open = Open.Value;
            if (Activity != null) raw->Activity = borrowed.Text(Activity);
            if (Note != null) raw->Note = borrowed.Text(Note);
            return raw;
        }
    }

    /// <summary>How the audio of calls reaches the user. Fill it with sidetone_audio_init(). What
    /// is null has the library's default.</summary>
    public sealed unsafe class Audio
    {
        /// <summary>SIDETONE_AUDIO_*.</summary>
        public uint? Kind { get; set; }
        /// <summary>Devices: id or name of the microphone; empty: the system's default, followed
        /// when it changes. WAV: the file that is played as the microphone; empty:
        /// silence.</summary>
        public string Microphone { get; set; }
        /// <summary>Devices: id or name of the loudspeaker; empty: the system's default. WAV: the
        /// file that is written with what a loudspeaker would play; empty: none.</summary>
        public string Loudspeaker { get; set; }
        /// <summary>WAV: 1: the microphone file starts again at its end; 0: silence
        /// follows.</summary>
        public uint? Repeat { get; set; }

        internal RawAudio* Fill(Borrowed borrowed)
        {
            var raw = (RawAudio*)borrowed.Take(sizeof(RawAudio));
            SidetoneException.Check(Native.sidetone_audio_init(raw, (uint)sizeof(RawAudio)));
            if (Kind != null) raw->Kind = Kind.Value;
            if (Microphone != null) raw->Microphone = borrowed.Text(Microphone);
            if (Loudspeaker != null) raw->Loudspeaker = borrowed.Text(Loudspeaker);
            if (Repeat != null) raw->Repeat = Repeat.Value;
            return raw;
        }
    }

    /// <summary>An event. Which fields it has is said at SIDETONE_EVENT_*; all others are 0, or
    /// empty text. Texts live until the next sidetone_event_next() on the engine, or until the
    /// callback is back.</summary>
    public sealed unsafe class Event
    {
        /// <summary>SIDETONE_EVENT_*. Skip kinds that you do not know: later versions add
        /// some.</summary>
        public uint Kind { get; }
        /// <summary>Number of this event, from 1 without gaps.</summary>
        public ulong Sequence { get; }
        /// <summary>Time since the engine was created, on the monotonic clock, ns.</summary>
        public ulong TimeNs { get; }
        /// <summary>Account; SIDETONE_ID_NONE for none.</summary>
        public ulong Account { get; }
        /// <summary>Call; SIDETONE_ID_NONE for none.</summary>
        public ulong Call { get; }
        /// <summary>Request that this is the reply to.</summary>
        public ulong Request { get; }
        /// <summary>State, by kind.</summary>
        public uint State { get; }
        /// <summary>SIDETONE_OK or the SIDETONE_ERR_* behind it.</summary>
        public int Status { get; }
        /// <summary>Status code of the SIP response behind it; 0: none.</summary>
        public uint SipCode { get; }
        /// <summary>Length of a digit, or place in a recording, ms.</summary>
        public uint DurationMs { get; }
        /// <summary>Lifetime that the registrar granted, seconds.</summary>
        public uint ExpiresS { get; }
        /// <summary>SIDETONE_CODEC_* that we send.</summary>
        public uint Codec { get; }
        /// <summary>SIDETONE_SUITE_*; 0: not encrypted.</summary>
        public uint SrtpSuite { get; }
        /// <summary>A digit as ASCII: 0-9 * # A-D, or ! for a hook flash.</summary>
        public uint Digit { get; }
        /// <summary>Events or frames dropped, by kind.</summary>
        public ulong Count { get; }
        /// <summary>Why, for people.</summary>
        public string Text { get; }
        /// <summary>URI of the caller.</summary>
        public string From { get; }
        /// <summary>Display name of the caller.</summary>
        public string DisplayName { get; }
        /// <summary>URI that was called; of a registration, where it went.</summary>
        public string To { get; }
        /// <summary>A file.</summary>
        public string Path { get; }
        /// <summary>Name of the loudspeaker.</summary>
        public string Loudspeaker { get; }
        /// <summary>Name of the microphone.</summary>
        public string Microphone { get; }
        /// <summary>SIDETONE_END_*.</summary>
        public uint End { get; }
        /// <summary>Q.850 cause of a Reason header; 0: none.</summary>
        public uint Q850Cause { get; }
        /// <summary>SIP status of a Reason header; 0: none.</summary>
        public uint ReasonSipCode { get; }
        /// <summary>By kind.</summary>
        public uint Flags { get; }
        /// <summary>Text of a Reason header.</summary>
        public string Reason { get; }
        /// <summary>A request that waits for the host's answer.</summary>
        public ulong Transaction { get; }
        /// <summary>Subscription; SIDETONE_ID_NONE for none.</summary>
        public ulong Subscription { get; }
        /// <summary>Publication; SIDETONE_ID_NONE for none.</summary>
        public ulong Publication { get; }
        /// <summary>New voice messages.</summary>
        public uint VoiceNew { get; }
        /// <summary>Old voice messages.</summary>
        public uint VoiceOld { get; }
        /// <summary>What somebody does, a name of RFC 4480.</summary>
        public string Activity { get; }
        /// <summary>Its method.</summary>
        public string Method { get; }
        /// <summary>Media type of `body`, with its parameters.</summary>
        public string ContentType { get; }
        /// <summary>A body: octets as they came, `length` of them; not always UTF-8.</summary>
        public byte[] Body { get; }
        /// <summary>Every header line of the message behind the event, in order.</summary>
        public Headers Headers { get; }

        internal Event(RawEvent* raw)
        {
            Kind = raw->Kind;
            Sequence = raw->Sequence;
            TimeNs = raw->TimeNs;
            Account = raw->Account;
            Call = raw->Call;
            Request = raw->Request;
            State = raw->State;
            Status = raw->Status;
            SipCode = raw->SipCode;
            DurationMs = raw->DurationMs;
            ExpiresS = raw->ExpiresS;
            Codec = raw->Codec;
            SrtpSuite = raw->SrtpSuite;
            Digit = raw->Digit;
            Count = raw->Count;
            Text = Borrowed.Copy(raw->Text);
            From = Borrowed.Copy(raw->From);
            DisplayName = Borrowed.Copy(raw->DisplayName);
            To = Borrowed.Copy(raw->To);
            Path = Borrowed.Copy(raw->Path);
            Loudspeaker = Borrowed.Copy(raw->Loudspeaker);
            Microphone = Borrowed.Copy(raw->Microphone);
            End = raw->End;
            Q850Cause = raw->Q850Cause;
            ReasonSipCode = raw->ReasonSipCode;
            Flags = raw->Flags;
            Reason = Borrowed.Copy(raw->Reason);
            Transaction = raw->Transaction;
            Subscription = raw->Subscription;
            Publication = raw->Publication;
            VoiceNew = raw->VoiceNew;
            VoiceOld = raw->VoiceOld;
            Activity = Borrowed.Copy(raw->Activity);
            Method = Borrowed.Copy(raw->Method);
            ContentType = Borrowed.Copy(raw->ContentType);
            Body = Borrowed.CopyOctets(raw->Body);
            Headers = Borrowed.Copy(raw->Headers);
        }
    }

    public sealed unsafe partial class Engine
    {
        /// <summary>Ends all calls and registrations, waits for the far ends at most `timeout_ms`,
        /// and stops the engine's threads. Its last event is SIDETONE_EVENT_STOPPED; it can still
        /// be pulled afterwards. A second call does nothing.</summary>
        public void EngineShutdown(uint timeoutMs)
        {
            SidetoneException.Check(Native.sidetone_engine_shutdown(handle, timeoutMs));
        }

        /// <summary>The engine's own SIP address, "ip:port"; an IPv6 address in
        /// brackets.</summary>
        public string EngineAddressRead(uint transport)
        {
            using (var borrowed = new Borrowed())
            {
                var found = new TextOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_engine_address_read(handle, transport, (byte*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>Adds an account, and registers it when it has a registrar and
        /// `register_on_add`. How the registration does is told by
        /// SIDETONE_EVENT_REGISTRATION.</summary>
        public ulong AccountAdd(AccountConfig config, out ulong request)
        {
            using (var borrowed = new Borrowed())
            {
                ulong account = 0;
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_account_add(handle, config.Fill(borrowed), &account, &number));
                request = number;
                return account;
            }
        }

        /// <summary>Replaces the settings of an account. Calls that are up keep the old ones; a
        /// registration is made anew.</summary>
        public ulong AccountUpdate(ulong account, AccountConfig config)
        {
            using (var borrowed = new Borrowed())
            {
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_account_update(handle, account, config.Fill(borrowed), &number));
                return number;
            }
        }

        /// <summary>Unregisters and removes an account. Its calls go on; its id is stale at
        /// once.</summary>
        public ulong AccountRemove(ulong account)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_account_remove(handle, account, &number));
            return number;
        }

        /// <summary>Registers an account, or registers it again at once.</summary>
        public ulong AccountRegister(ulong account)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_account_register(handle, account, &number));
            return number;
        }

        /// <summary>Takes an account's registration back. The account stays.</summary>
        public ulong AccountUnregister(ulong account)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_account_unregister(handle, account, &number));
            return number;
        }

        /// <summary>How an account stands now.</summary>
        public AccountInfo AccountInfoRead(ulong account)
        {
            var values = new AccountInfo { Size = (uint)sizeof(AccountInfo) };
            SidetoneException.Check(Native.sidetone_account_info_read(handle, account, &values));
            return values;
        }

        /// <summary>A text of an account.</summary>
        public string AccountTextRead(ulong account, uint which)
        {
            using (var borrowed = new Borrowed())
            {
                var found = new TextOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_account_text_read(handle, account, which, (byte*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>The ids of the accounts.</summary>
        public ulong[] AccountList()
        {
            using (var borrowed = new Borrowed())
            {
                var found = new IdsOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_account_list(handle, (ulong*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>Says that the network has changed, or that the machine has woken up: call it
        /// from the system's notification. What was found by DNS is forgotten, every account is
        /// registered anew, and calls whose own address has changed are told so by re-INVITE;
        /// their media goes on with the same keys. The engine notices much of this by itself, but
        /// later: when a registration is refreshed, when something cannot be sent, when a
        /// connection breaks.</summary>
        public void NetworkChanged()
        {
            SidetoneException.Check(Native.sidetone_network_changed(handle));
        }

        /// <summary>Places a call. It is under way when this function is back; what becomes of it
        /// is told by SIDETONE_EVENT_CALL, which may come before that.</summary>
        public ulong CallDial(ulong account, string uri, DialOptions options, out ulong request)
        {
            using (var borrowed = new Borrowed())
            {
                var uriText = borrowed.Text(uri);
                ulong call = 0;
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_dial(handle, account, (byte*)uriText.Data, uriText.Length, options == null ? null : options.Fill(borrowed), &call, &number));
                request = number;
                return call;
            }
        }

        /// <summary>Sends 180 Ringing for an incoming call.</summary>
        public ulong CallRing(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_ring(handle, call, &number));
            return number;
        }

        /// <summary>Answers an incoming call with 200.</summary>
        public ulong CallAnswer(ulong call, AnswerOptions options = null)
        {
            using (var borrowed = new Borrowed())
            {
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_answer(handle, call, options == null ? null : options.Fill(borrowed), &number));
                return number;
            }
        }

        /// <summary>Refuses an incoming call.</summary>
        public ulong CallReject(ulong call, uint sipCode, string reason = "")
        {
            using (var borrowed = new Borrowed())
            {
                var reasonText = borrowed.Text(reason);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_reject(handle, call, sipCode, (byte*)reasonText.Data, reasonText.Length, &number));
                return number;
            }
        }

        /// <summary>Ends a call in whatever state it is: CANCEL, BYE, or 603 for one that was not
        /// answered.</summary>
        public ulong CallHangup(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_hangup(handle, call, &number));
            return number;
        }

        /// <summary>Mutes or unmutes our user's microphone in a call. Within 20 ms. What else the
        /// far end hears (files that are played, injections, routes, digits as tones) goes
        /// on.</summary>
        public ulong CallMute(ulong call, uint muted)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_mute(handle, call, muted, &number));
            return number;
        }

        /// <summary>Sets the gains of a call. Within 20 ms.</summary>
        public ulong CallGain(ulong call, float sendDb, float receiveDb)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_gain(handle, call, sendDb, receiveDb, &number));
            return number;
        }

        /// <summary>Lets what call `from` says be heard by call `to`. Both ways make a
        /// conversation of two far ends; `from` equal to `to` is an echo. Routes add to what the
        /// calls hear otherwise. Calls that are to hear each other all, or not all, are a
        /// conference: sidetone_conference_create().</summary>
        public ulong CallRoute(ulong from, ulong to, float gainDb)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_route(handle, from, to, gainDb, &number));
            return number;
        }

        /// <summary>Ends a route of sidetone_call_route(). None there: nothing happens.</summary>
        public ulong CallUnroute(ulong from, ulong to)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_unroute(handle, from, to, &number));
            return number;
        }

        /// <summary>Sends DTMF digits, one after the other, behind those that are still to be
        /// sent.</summary>
        public ulong CallDtmf(ulong call, string digits, uint durationMs)
        {
            using (var borrowed = new Borrowed())
            {
                var digitsText = borrowed.Text(digits);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_dtmf(handle, call, (byte*)digitsText.Data, digitsText.Length, durationMs, &number));
                return number;
            }
        }

        /// <summary>How a call stands now. A call that ended answers until its last event was
        /// pulled.</summary>
        public CallInfo CallInfoRead(ulong call)
        {
            var values = new CallInfo { Size = (uint)sizeof(CallInfo) };
            SidetoneException.Check(Native.sidetone_call_info_read(handle, call, &values));
            return values;
        }

        /// <summary>A text of a call.</summary>
        public string CallTextRead(ulong call, uint which)
        {
            using (var borrowed = new Borrowed())
            {
                var found = new TextOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_call_text_read(handle, call, which, (byte*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>The value of a header of the far end's latest INVITE or final response; the
        /// first of that name.</summary>
        public string CallHeaderRead(ulong call, string name)
        {
            using (var borrowed = new Borrowed())
            {
                var nameText = borrowed.Text(name);
                var found = new TextOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_call_header_read(handle, call, (byte*)nameText.Data, nameText.Length, (byte*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>The ids of the live calls.</summary>
        public ulong[] CallList()
        {
            using (var borrowed = new Borrowed())
            {
                var found = new IdsOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_call_list(handle, (ulong*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>Replaces what an account does without asking, for calls that begin from now
        /// on. An account that was given none has the defaults; sidetone_account_update() leaves
        /// them as they are.</summary>
        public void AccountServicesSet(ulong account, AccountServices services)
        {
            using (var borrowed = new Borrowed())
            {
                SidetoneException.Check(Native.sidetone_account_services_set(handle, account, services.Fill(borrowed)));
            }
        }

        /// <summary>Has the far end of a call call somebody else (blind transfer). How it goes is
        /// told by SIDETONE_EVENT_TRANSFER; when the new call stands, this one ends.</summary>
        public ulong CallTransfer(ulong call, string target, uint silent)
        {
            using (var borrowed = new Borrowed())
            {
                var targetText = borrowed.Text(target);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_transfer(handle, call, (byte*)targetText.Data, targetText.Length, silent, &number));
                return number;
            }
        }

        /// <summary>Connects the far ends of two of our calls with each other (attended transfer).
        /// How it goes is told by SIDETONE_EVENT_TRANSFER of `call`; when they are connected, both
        /// calls end.</summary>
        public ulong CallTransferTo(ulong call, ulong other)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_transfer_to(handle, call, other, &number));
            return number;
        }

        /// <summary>Does what a far end asked for: calls whom SIDETONE_EVENT_TRANSFER
        /// (SIDETONE_TRANSFER_ASKED) named. The call stays the host's; SIDETONE_EVENT_REPLACED
        /// tells when the other one is there. There are 60 seconds to decide: then the transfer is
        /// refused with 603, and told as SIDETONE_TRANSFER_FAILED. A far end that names a tel: URI
        /// means what a dial of it would call.</summary>
        public ulong CallTransferAccept(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_transfer_accept(handle, call, &number));
            return number;
        }

        /// <summary>Does not do what a far end asked for, which is told 603; the call goes on as
        /// it is.</summary>
        public ulong CallTransferReject(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_transfer_reject(handle, call, &number));
            return number;
        }

        /// <summary>Sends the caller of an incoming call elsewhere with 302.</summary>
        public ulong CallRedirect(ulong call, string target)
        {
            using (var borrowed = new Borrowed())
            {
                var targetText = borrowed.Text(target);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_redirect(handle, call, (byte*)targetText.Data, targetText.Length, &number));
                return number;
            }
        }

        /// <summary>Decides on a redirect that SIDETONE_EVENT_REDIRECTED asked about.</summary>
        public ulong CallRedirectFollow(ulong call, uint follow)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_redirect_follow(handle, call, follow, &number));
            return number;
        }

        /// <summary>Ends a call like sidetone_call_hangup(), with a Reason header that says why
        /// (RFC 3326).</summary>
        public ulong CallHangupWith(ulong call, uint q850Cause, string reason = "")
        {
            using (var borrowed = new Borrowed())
            {
                var reasonText = borrowed.Text(reason);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_hangup_with(handle, call, q850Cause, (byte*)reasonText.Data, reasonText.Length, &number));
                return number;
            }
        }

        /// <summary>Puts headers on our messages of a kind in this call from now on, in the place
        /// of earlier ones. Those of a call's INVITE go with sidetone_dial_options.</summary>
        public ulong CallHeadersSet(ulong call, uint message, Headers headers)
        {
            using (var borrowed = new Borrowed())
            {
                var list = borrowed.List(headers);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_headers_set(handle, call, message, &list, &number));
                return number;
            }
        }

        /// <summary>The value of a header of the far end's last message of a kind. Those of the
        /// message that ends a call can be read until its last event was pulled:
        /// SIDETONE_CALL_ENDING comes before.</summary>
        public string CallMessageHeaderRead(ulong call, uint message, string name, uint index)
        {
            using (var borrowed = new Borrowed())
            {
                var nameText = borrowed.Text(name);
                var found = new TextOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_call_message_header_read(handle, call, message, (byte*)nameText.Data, nameText.Length, index, (byte*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>What the INVITE of an incoming call tells of its caller and its way. Whether
        /// it can be believed is for the account to say: the `from` of
        /// SIDETONE_EVENT_INCOMING_CALL is the asserted identity when `trust_identity` of
        /// sidetone_account_services is set.</summary>
        public string CallIdentityRead(ulong call, uint which, uint index)
        {
            using (var borrowed = new Borrowed())
            {
                var found = new TextOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_call_identity_read(handle, call, which, index, (byte*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>What the caller of an incoming call wants withheld.</summary>
        public uint CallPrivacyRead(ulong call)
        {
            uint privacy = 0;
            SidetoneException.Check(Native.sidetone_call_privacy_read(handle, call, &privacy));
            return privacy;
        }

        /// <summary>Sends 183 Session Progress with our description for an incoming call, so that
        /// media runs before the answer: what is played into the call is heard by the caller.
        /// Without an offer in the INVITE, and where the caller cannot acknowledge one of ours,
        /// 180 goes out instead.</summary>
        public ulong CallProgress(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_progress(handle, call, &number));
            return number;
        }

        /// <summary>Puts the far end on hold: it hears the music on hold or silence, and the user
        /// no longer hears it. Both at once, and the far end is asked to agree by re-INVITE
        /// (UPDATE before the answer); SIDETONE_EVENT_HOLD tells when it has. A call that does not
        /// stand yet is held as soon as it does.</summary>
        public ulong CallHold(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_hold(handle, call, &number));
            return number;
        }

        /// <summary>Takes the far end off hold. Where it holds us too, media comes back when it
        /// has resumed as well.</summary>
        public ulong CallResume(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_resume(handle, call, &number));
            return number;
        }

        /// <summary>Chooses what the far end of this call hears while it is held, in the place of
        /// the account's `hold_music`. It is repeated for as long as the hold lasts.</summary>
        public ulong CallHoldMusic(ulong call, string path)
        {
            using (var borrowed = new Borrowed())
            {
                var pathText = borrowed.Text(path);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_hold_music(handle, call, (byte*)pathText.Data, pathText.Length, &number));
                return number;
            }
        }

        /// <summary>Makes a conference: calls that are added to it hear each other. Our own user
        /// is heard by every call and hears every call, in a conference or not, where the engine
        /// has a microphone and a loudspeaker (sidetone_audio_select());
        /// sidetone_conference_gain() turns them down in it. A file for everybody is played into
        /// each of its calls.</summary>
        public ulong ConferenceCreate()
        {
            ulong conference = 0;
            SidetoneException.Check(Native.sidetone_conference_create(handle, &conference));
            return conference;
        }

        /// <summary>Ends a conference. The calls that are in it go on, each alone with our user;
        /// hang them up where they are to end, too.</summary>
        public ulong ConferenceDestroy(ulong conference)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_conference_destroy(handle, conference, &number));
            return number;
        }

        /// <summary>Lets a call and the calls of a conference hear each other, each with the gain
        /// that is set for the pair. It need not be answered: it takes part as soon as it has
        /// media. It leaves by itself when it ends, and a hold parts it from the others as from
        /// our user. A call is in one conference at most; added again, nothing changes. Between
        /// its calls use no sidetone_call_route().</summary>
        public ulong ConferenceAdd(ulong conference, ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_conference_add(handle, conference, call, &number));
            return number;
        }

        /// <summary>Takes a call out of a conference; it goes on, and the gains that were set for
        /// it are forgotten.</summary>
        public ulong ConferenceRemove(ulong conference, ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_conference_remove(handle, conference, call, &number));
            return number;
        }

        /// <summary>Sets how loud `to` hears `from` in a conference; within 20 ms. The other way
        /// keeps its own gain. So a supervisor who is to whisper has a gain of -INFINITY towards
        /// the customer, one who only listens towards everybody, and one who barges in has none.
        /// What is set for a call before it is added holds from its first sample on.</summary>
        public ulong ConferenceGain(ulong conference, ulong from, ulong to, float gainDb)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_conference_gain(handle, conference, from, to, gainDb, &number));
            return number;
        }

        /// <summary>The ids of the calls of a conference, in the order in which they were
        /// added.</summary>
        public ulong[] ConferenceCalls(ulong conference)
        {
            using (var borrowed = new Borrowed())
            {
                var found = new IdsOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_conference_calls(handle, conference, (ulong*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>Plays a WAV file into a call: the far end hears it, with the microphone. One
        /// that is playing already ends. SIDETONE_EVENT_PLAY_FINISHED follows.</summary>
        public ulong CallPlay(ulong call, string path, PlayOptions options = null)
        {
            using (var borrowed = new Borrowed())
            {
                var pathText = borrowed.Text(path);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_play(handle, call, (byte*)pathText.Data, pathText.Length, options == null ? null : options.Fill(borrowed), &number));
                return number;
            }
        }

        /// <summary>Ends the playing of sidetone_call_play(). None there: nothing
        /// happens.</summary>
        public ulong CallPlayStop(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_play_stop(handle, call, &number));
            return number;
        }

        /// <summary>Records a call to a stereo WAV file: near end left, far end right. The file
        /// can be played at any moment, also after a crash. A disk that is slow or full harms no
        /// call: what is lost then is told by the event at the end. It ends with the call or with
        /// sidetone_call_record_stop(), and then SIDETONE_EVENT_RECORD_FINISHED follows.</summary>
        public ulong CallRecord(ulong call, string path)
        {
            using (var borrowed = new Borrowed())
            {
                var pathText = borrowed.Text(path);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_record(handle, call, (byte*)pathText.Data, pathText.Length, &number));
                return number;
            }
        }

        /// <summary>Pauses the recording of sidetone_call_record(), for instance while a card
        /// number is said: what is said until sidetone_call_record_resume() never comes near the
        /// file. The file goes on right behind what was before, with a mark there (a cue point,
        /// its text "paused for 12.30 s") that audio editors show. SIDETONE_EVENT_RECORD_PAUSED
        /// follows when it is so; what is to be left out may be said then.</summary>
        public ulong CallRecordPause(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_record_pause(handle, call, &number));
            return number;
        }

        /// <summary>Goes on with a recording that is paused. SIDETONE_EVENT_RECORD_PAUSED follows,
        /// with `state` 0.</summary>
        public ulong CallRecordResume(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_record_resume(handle, call, &number));
            return number;
        }

        /// <summary>Ends the recording of sidetone_call_record(). None there: nothing
        /// happens.</summary>
        public ulong CallRecordStop(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_record_stop(handle, call, &number));
            return number;
        }

        /// <summary>Writes every RTP and RTCP datagram of a call, as it is on the wire, and its
        /// SIP messages to a PCAP file, until the call ends or
        /// sidetone_call_capture_stop().</summary>
        public ulong CallCapture(ulong call, string path)
        {
            using (var borrowed = new Borrowed())
            {
                var pathText = borrowed.Text(path);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_call_capture(handle, call, (byte*)pathText.Data, pathText.Length, &number));
                return number;
            }
        }

        /// <summary>Ends the capture of sidetone_call_capture(). None there: nothing
        /// happens.</summary>
        public ulong CallCaptureStop(ulong call)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_call_capture_stop(handle, call, &number));
            return number;
        }

        /// <summary>Taps a call: one way of its audio as frames of 16-bit mono PCM, at a rate of
        /// the host's choice. The tap is a clock: from when the call has media (a call that was
        /// dialled: once its far end was found) to its end there is a frame for every 10 or 20 ms,
        /// silence when nothing is received. It goes on through hold and changes of codec. Several
        /// taps of a call do not know of each other; one that is not read loses frames of its own
        /// and disturbs nothing else.</summary>
        public ulong TapOpen(ulong call, TapOptions options = null)
        {
            using (var borrowed = new Borrowed())
            {
                ulong tap = 0;
                SidetoneException.Check(Native.sidetone_tap_open(handle, call, options == null ? null : options.Fill(borrowed), &tap));
                return tap;
            }
        }

        /// <summary>How a tap does; after the end of its call, too.</summary>
        public TapInfo TapInfoRead(ulong tap)
        {
            var values = new TapInfo { Size = (uint)sizeof(TapInfo) };
            SidetoneException.Check(Native.sidetone_tap_info_read(handle, tap, &values));
            return values;
        }

        /// <summary>Ends a tap; what waits in it is thrown away, and a read that waits for it ends
        /// with SIDETONE_ERR_STALE_ID.</summary>
        public void TapClose(ulong tap)
        {
            SidetoneException.Check(Native.sidetone_tap_close(handle, tap));
        }

        /// <summary>Opens a source of audio in a call, to which the host writes 16-bit mono PCM.
        /// It is mixed with whatever else is heard there: the microphone goes on beside it, and
        /// sidetone_call_mute() mutes the microphone only, so a program that is to speak in its
        /// place mutes. The gains of sidetone_call_gain() hold for it as for the rest of what is
        /// sent. What is written for the far end waits until the call has media.</summary>
        public ulong InjectOpen(ulong call, InjectOptions options = null)
        {
            using (var borrowed = new Borrowed())
            {
                ulong injection = 0;
                SidetoneException.Check(Native.sidetone_inject_open(handle, call, options == null ? null : options.Fill(borrowed), &injection));
                return injection;
            }
        }

        /// <summary>Throws away what was written and not yet played: the far end interrupts. What
        /// has left the queue (10 ms, and what a packet holds) is still heard; what is written
        /// afterwards is played next.</summary>
        public ulong InjectFlush(ulong injection)
        {
            ulong flushed = 0;
            SidetoneException.Check(Native.sidetone_inject_flush(handle, injection, &flushed));
            return flushed;
        }

        /// <summary>How an injection does; after the end of its call, too.</summary>
        public InjectInfo InjectInfoRead(ulong injection)
        {
            var values = new InjectInfo { Size = (uint)sizeof(InjectInfo) };
            SidetoneException.Check(Native.sidetone_inject_info_read(handle, injection, &values));
            return values;
        }

        /// <summary>Ends an injection; what waits in it is thrown away. To have all of it heard,
        /// close it when `queued` is 0.</summary>
        public void InjectClose(ulong injection)
        {
            SidetoneException.Check(Native.sidetone_inject_close(handle, injection));
        }

        /// <summary>Sends an instant message.</summary>
        public ulong MessageSend(ulong from, string uri, string contentType, byte[] body)
        {
            using (var borrowed = new Borrowed())
            {
                var uriText = borrowed.Text(uri);
                var content_typeText = borrowed.Text(contentType);
                var bodyOctets = borrowed.Octets(body);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_message_send(handle, from, (byte*)uriText.Data, uriText.Length, (byte*)content_typeText.Data, content_typeText.Length, bodyOctets.Data, (uint)bodyOctets.Length, &number));
                return number;
            }
        }

        /// <summary>Sends a request of any method.</summary>
        public ulong RequestSend(ulong from, string uri, SipRequest sip)
        {
            using (var borrowed = new Borrowed())
            {
                var uriText = borrowed.Text(uri);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_request_send(handle, from, (byte*)uriText.Data, uriText.Length, sip.Fill(borrowed), &number));
                return number;
            }
        }

        /// <summary>Answers a request that came as SIDETONE_EVENT_REQUEST. One that is not
        /// answered within 32 T1 (16 s) gets 500.</summary>
        public ulong RequestAnswer(ulong transaction, SipAnswer answer)
        {
            using (var borrowed = new Borrowed())
            {
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_request_answer(handle, transaction, answer.Fill(borrowed), &number));
                return number;
            }
        }

        /// <summary>Watches somebody, or a mailbox. The subscription is kept up, and begun anew
        /// after failures, until sidetone_subscription_remove(). Its changes are
        /// SIDETONE_EVENT_SUBSCRIPTION, what it tells SIDETONE_EVENT_MESSAGE_WAITING,
        /// SIDETONE_EVENT_LAMP, SIDETONE_EVENT_PRESENCE or SIDETONE_EVENT_NOTIFY. Where a proxy
        /// asks several far ends, the first that tells something is watched; the others are
        /// refused (481), so that they stop.</summary>
        public ulong SubscriptionAdd(ulong account, string uri, SubscriptionOptions options, out ulong request)
        {
            using (var borrowed = new Borrowed())
            {
                var uriText = borrowed.Text(uri);
                ulong subscription = 0;
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_subscription_add(handle, account, (byte*)uriText.Data, uriText.Length, options == null ? null : options.Fill(borrowed), &subscription, &number));
                request = number;
                return subscription;
            }
        }

        /// <summary>Refreshes a subscription at once; begins one anew that has ended.</summary>
        public ulong SubscriptionRefresh(ulong subscription)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_subscription_refresh(handle, subscription, &number));
            return number;
        }

        /// <summary>Takes a subscription back. Its id is stale at once, and no event of it follows
        /// but those that wait already.</summary>
        public ulong SubscriptionRemove(ulong subscription)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_subscription_remove(handle, subscription, &number));
            return number;
        }

        /// <summary>Reads how a subscription stands, and what it told last.</summary>
        public SubscriptionInfo SubscriptionInfoRead(ulong subscription)
        {
            var values = new SubscriptionInfo { Size = (uint)sizeof(SubscriptionInfo) };
            SidetoneException.Check(Native.sidetone_subscription_info_read(handle, subscription, &values));
            return values;
        }

        /// <summary>Reads a text of a subscription.</summary>
        public string SubscriptionTextRead(ulong subscription, uint which)
        {
            using (var borrowed = new Borrowed())
            {
                var found = new TextOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_subscription_text_read(handle, subscription, which, (byte*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>Lists the subscriptions that were not removed.</summary>
        public ulong[] SubscriptionList()
        {
            using (var borrowed = new Borrowed())
            {
                var found = new IdsOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_subscription_list(handle, (ulong*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>Reads one dialog of somebody who is watched.</summary>
        public WatchedDialog SubscriptionDialogRead(ulong subscription, uint index)
        {
            var values = new WatchedDialog { Size = (uint)sizeof(WatchedDialog) };
            SidetoneException.Check(Native.sidetone_subscription_dialog_read(handle, subscription, index, &values));
            return values;
        }

        /// <summary>Reads a text of a dialog of somebody who is watched.</summary>
        public string SubscriptionDialogTextRead(ulong subscription, uint index, uint which)
        {
            using (var borrowed = new Borrowed())
            {
                var found = new TextOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_subscription_dialog_text_read(handle, subscription, index, which, (byte*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>Publishes the presence of an account. It is refreshed until
        /// sidetone_publication_remove(); its changes are SIDETONE_EVENT_PUBLICATION.</summary>
        public ulong PresencePublish(ulong account, Presence presence, out ulong request)
        {
            using (var borrowed = new Borrowed())
            {
                ulong publication = 0;
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_presence_publish(handle, account, presence.Fill(borrowed), &publication, &number));
                request = number;
                return publication;
            }
        }

        /// <summary>Publishes another presence in the place of the one before.</summary>
        public ulong PresenceUpdate(ulong publication, Presence presence)
        {
            using (var borrowed = new Borrowed())
            {
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_presence_update(handle, publication, presence.Fill(borrowed), &number));
                return number;
            }
        }

        /// <summary>Publishes event state of any package under an account. It is refreshed until
        /// sidetone_publication_remove().</summary>
        public ulong PublicationAdd(ulong account, string @event, string contentType, byte[] body, out ulong request)
        {
            using (var borrowed = new Borrowed())
            {
                var eventText = borrowed.Text(@event);
                var content_typeText = borrowed.Text(contentType);
                var bodyOctets = borrowed.Octets(body);
                ulong publication = 0;
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_publication_add(handle, account, (byte*)eventText.Data, eventText.Length, (byte*)content_typeText.Data, content_typeText.Length, bodyOctets.Data, (uint)bodyOctets.Length, &publication, &number));
                request = number;
                return publication;
            }
        }

        /// <summary>Publishes another state of any package in the place of the one
        /// before.</summary>
        public ulong PublicationUpdate(ulong publication, string contentType, byte[] body)
        {
            using (var borrowed = new Borrowed())
            {
                var content_typeText = borrowed.Text(contentType);
                var bodyOctets = borrowed.Octets(body);
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_publication_update(handle, publication, (byte*)content_typeText.Data, content_typeText.Length, bodyOctets.Data, (uint)bodyOctets.Length, &number));
                return number;
            }
        }

        /// <summary>Removes what is published. Its id is stale at once, and no event of it follows
        /// but those that wait already.</summary>
        public ulong PublicationRemove(ulong publication)
        {
            ulong number = 0;
            SidetoneException.Check(Native.sidetone_publication_remove(handle, publication, &number));
            return number;
        }

        /// <summary>Chooses how audio reaches the user. Calls that are up change over.</summary>
        public ulong AudioSelect(Audio audio)
        {
            using (var borrowed = new Borrowed())
            {
                ulong number = 0;
                SidetoneException.Check(Native.sidetone_audio_select(handle, audio.Fill(borrowed), &number));
                return number;
            }
        }

        /// <summary>Levels at the sound card now. Reading often is cheap.</summary>
        public AudioLevels AudioLevelsRead()
        {
            var values = new AudioLevels { Size = (uint)sizeof(AudioLevels) };
            SidetoneException.Check(Native.sidetone_audio_levels_read(handle, &values));
            return values;
        }

        /// <summary>Looks the sound cards up, and keeps the list in the engine until the next
        /// call. Waits for the system, at most five seconds.</summary>
        public uint DeviceList()
        {
            uint count = 0;
            SidetoneException.Check(Native.sidetone_device_list(handle, &count));
            return count;
        }

        /// <summary>What a sound card of the list can do.</summary>
        public DeviceInfo DeviceInfoRead(uint index)
        {
            var values = new DeviceInfo { Size = (uint)sizeof(DeviceInfo) };
            SidetoneException.Check(Native.sidetone_device_info_read(handle, index, &values));
            return values;
        }

        /// <summary>A text of a sound card of the list.</summary>
        public string DeviceTextRead(uint index, uint which)
        {
            using (var borrowed = new Borrowed())
            {
                var found = new TextOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_device_text_read(handle, index, which, (byte*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>How a call's media does now. Reading often is cheap.</summary>
        public CallStats CallStatsRead(ulong call)
        {
            var values = new CallStats { Size = (uint)sizeof(CallStats) };
            SidetoneException.Check(Native.sidetone_call_stats_read(handle, call, &values));
            return values;
        }

        /// <summary>Counters of the engine now.</summary>
        public EngineStats EngineStatsRead()
        {
            var values = new EngineStats { Size = (uint)sizeof(EngineStats) };
            SidetoneException.Check(Native.sidetone_engine_stats_read(handle, &values));
            return values;
        }

        /// <summary>How the threads do that have to keep time: durations of the sound card's
        /// callbacks, missed deadlines, late rounds, and what scheduling the system gave them.
        /// Reading never disturbs them.</summary>
        public EngineHealth EngineHealthRead()
        {
            var values = new EngineHealth { Size = (uint)sizeof(EngineHealth) };
            SidetoneException.Check(Native.sidetone_engine_health_read(handle, &values));
            return values;
        }

        /// <summary>What scheduling threads of an engine got, in words: of a refusal why, and what
        /// to do about it.</summary>
        public string EnginePriorityRead(uint threads)
        {
            using (var borrowed = new Borrowed())
            {
                var found = new TextOut(borrowed);
                uint needed = 0;
                while (!found.Done(Native.sidetone_engine_priority_read(handle, threads, (byte*)found.Data, found.Capacity, &needed), needed)) { }
                return found.Value;
            }
        }

        /// <summary>Ends a waiting sidetone_event_next(), or the next one at once, with
        /// SIDETONE_ERR_TIMEOUT.</summary>
        public void Wake()
        {
            SidetoneException.Check(Native.sidetone_wake(handle));
        }
    }
}
