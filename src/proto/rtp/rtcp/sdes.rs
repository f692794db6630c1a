//! Source description (RFC 3550 §6.5): only the CNAME is sent and read.

use rtcp_types as wire;

/// What a packet says of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The source.
    pub ssrc: u32,
    /// Its canonical name; `None` when missing or not UTF-8.
    pub cname: Option<String>,
}

pub(super) fn from_wire(sdes: &wire::Sdes<'_>) -> Vec<Chunk> {
    sdes.chunks()
        .map(|chunk| Chunk {
            ssrc: chunk.ssrc(),
            cname: chunk
                .items()
                .find(|item| item.type_() == wire::SdesItem::CNAME)
                .and_then(|item| std::str::from_utf8(item.value()).ok())
                .map(str::to_owned),
        })
        .collect()
}

pub(super) fn to_wire(ssrc: u32, cname: &str) -> wire::SdesBuilder<'_> {
    let item = wire::SdesItem::builder(wire::SdesItem::CNAME, cut(cname));
    wire::Sdes::builder().add_chunk(wire::SdesChunk::builder(ssrc).add_item(item))
}

/// An item holds 255 bytes.
fn cut(name: &str) -> &str {
    let mut end = name.len().min(255);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}
