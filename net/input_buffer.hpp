#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace postern::net {

// A connection's unread bytes, in one piece, so that a whole request is one view. Grows by
// doubling, and is given back when a connection falls idle: ten thousand idle ones cost little.
class InputBuffer {
 public:
    std::string_view view() const { return {bytes_.get() + start_, size_}; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    // Room behind the data for at least `count` more bytes. Moves the data: views are lost.
    void make_room(std::size_t count) {
        if (start_ + size_ + count <= capacity_) return;
        if (size_ + count <= capacity_) {
            std::memmove(bytes_.get(), bytes_.get() + start_, size_);
            start_ = 0;
            return;
        }
        const std::size_t wanted = std::max({size_ + count, capacity_ * 2, kBytesAtFirst});
        auto grown = std::make_unique_for_overwrite<char[]>(wanted);
        if (size_ > 0) std::memcpy(grown.get(), bytes_.get() + start_, size_);
        bytes_ = std::move(grown);
        capacity_ = wanted;
        start_ = 0;
    }

    char* free_space() { return bytes_.get() + start_ + size_; }
    std::size_t free_bytes() const { return capacity_ - start_ - size_; }
    void append(std::size_t count) { size_ += count; }

    void consume(std::size_t count) {
        start_ += count;
        size_ -= count;
        if (size_ == 0) start_ = 0;
    }

    // Cuts bytes out of the middle: a chunk that has been decoded.
    void erase(std::size_t at, std::size_t count) {
        char* from = bytes_.get() + start_ + at;
        std::memmove(from, from + count, size_ - at - count);
        size_ -= count;
    }

    void shrink_when_idle() {
        if (size_ == 0 && capacity_ > kBytesKept) {
            bytes_.reset();
            capacity_ = 0;
            start_ = 0;
        }
    }

 private:
    static constexpr std::size_t kBytesAtFirst = 4096;
    static constexpr std::size_t kBytesKept = 16 * 1024;

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t start_ = 0;
    std::size_t size_ = 0;
};

}  // namespace postern::net
