#pragma once

#include <cstdint>

namespace postern::storage {

// The proof that something is on stable storage. Only the writer makes one, after the commit
// returned, so whoever asks for a Committed cannot be called too early: "store first" is a type.
class Committed {
 public:
    std::uint64_t batch() const { return batch_; }  // which commit of this process it was

 private:
    friend class WriterLane;
    explicit Committed(std::uint64_t batch) : batch_{batch} {}

    std::uint64_t batch_;
};

}  // namespace postern::storage
