//! A wait-free ring, of samples or of anything small, between exactly one writer and one reader. The one file that names
//! rtrb.

/// The writing end.
#[derive(Debug)]
pub struct RingWriter<T>(rtrb::Producer<T>);

/// The reading end.
#[derive(Debug)]
pub struct RingReader<T>(rtrb::Consumer<T>);

/// A ring that holds up to `capacity` elements (one at least). All its memory is taken here.
pub fn ring<T>(capacity: usize) -> (RingWriter<T>, RingReader<T>) {
    let (producer, consumer) = rtrb::RingBuffer::new(capacity.max(1));
    (RingWriter(producer), RingReader(consumer))
}

impl<T: Copy> RingWriter<T> {
    /// Writes as much of `elements` as fits; tells how many that were.
    pub fn push(&mut self, elements: &[T]) -> usize {
        self.0.push_partial_slice(elements).0.len()
    }

    /// Writes all of `elements` or nothing; tells which.
    pub fn push_all(&mut self, elements: &[T]) -> bool {
        self.0.push_entire_slice(elements).is_ok()
    }

    /// How many elements fit now.
    pub fn free(&self) -> usize {
        self.0.slots()
    }

    /// How many elements wait for the reader.
    pub fn fill(&self) -> usize {
        self.capacity() - self.free()
    }

    /// How many elements fit at all.
    pub fn capacity(&self) -> usize {
        self.0.buffer().capacity()
    }

    /// Whether the reader is gone.
    pub fn is_abandoned(&self) -> bool {
        self.0.is_abandoned()
    }
}

impl<T: Copy> RingReader<T> {
    /// Fills as much of `elements` as the ring can; tells how many that were.
    pub fn pop(&mut self, elements: &mut [T]) -> usize {
        self.0.pop_partial_slice(elements).0.len()
    }

    /// Takes one element, where one waits.
    pub fn pop_one(&mut self) -> Option<T> {
        self.0.pop().ok()
    }

    /// Throws up to `count` elements away; tells how many that were.
    pub fn skip(&mut self, count: usize) -> usize {
        let count = count.min(self.0.slots());
        match self.0.read_chunk(count) {
            Ok(chunk) => {
                chunk.commit_all();
                count
            }
            Err(_) => 0,
        }
    }

    /// How many elements wait.
    pub fn fill(&self) -> usize {
        self.0.slots()
    }

    /// Whether the writer is gone.
    pub fn is_abandoned(&self) -> bool {
        self.0.is_abandoned()
    }
}
