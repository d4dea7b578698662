#include "storage/packing/packed_text.hpp"

#include "core/assert.hpp"
#include "storage/packing/packed_words.hpp"

#include <cstddef>
#include <lz4.h>

namespace postern::storage {
namespace {

// Control characters begin no text of ours, so the first of them tell what is packed, and how.
constexpr char kPlainFirstMin = ' ';
// The list of words, and the text's size in four bytes, the lowest first.
constexpr std::size_t kHeadBytes = 5;
// Far beyond what we pack: a damaged row must not make us ask for the memory that it names.
constexpr std::size_t kTextBytesMax = std::size_t{64} << 20;
constexpr int kEffort = 1;  // the library's usual

// What LZ4 knows once it has read the words: copied for each text, so that they are read once.
const LZ4_stream_t& reader_of_words() {
    static const LZ4_stream_t reader = [] {
        LZ4_stream_t fresh;
        LZ4_initStream(&fresh, sizeof fresh);
        const auto words = packed_words(WordList::first);
        LZ4_loadDict(&fresh, words.data(), static_cast<int>(words.size()));
        return fresh;
    }();
    return reader;
}

bool may_stay_plain(std::string_view text) {
    return text.empty() || static_cast<unsigned char>(text.front()) >= kPlainFirstMin;
}

void put_head(std::string& packed, std::size_t text_size) {
    packed[0] = static_cast<char>(WordList::first);
    for (std::size_t i = 1; i < kHeadBytes; ++i) {
        packed[i] = static_cast<char>(text_size & 0xff);
        text_size >>= 8;
    }
}

std::size_t text_size_in(std::string_view head) {
    std::size_t size = 0;
    for (std::size_t i = kHeadBytes - 1; i > 0; --i) {
        size = size << 8 | static_cast<unsigned char>(head[i]);
    }
    return size;
}

}  // namespace

std::string pack_text(std::string_view text) {
    POSTERN_ASSERT(text.size() <= kTextBytesMax);
    if (text.empty()) return {};
    const int room = LZ4_compressBound(static_cast<int>(text.size()));
    std::string packed(kHeadBytes + static_cast<std::size_t>(room), '\0');
    put_head(packed, text.size());
    thread_local LZ4_stream_t stream;
    stream = reader_of_words();
    const int size = LZ4_compress_fast_continue(
        &stream,
        text.data(),
        packed.data() + kHeadBytes,
        static_cast<int>(text.size()),
        room,
        kEffort
    );
    POSTERN_ASSERT(size > 0);  // there is room for whatever it is
    packed.resize(kHeadBytes + static_cast<std::size_t>(size));
    if (packed.size() >= text.size() && may_stay_plain(text)) return std::string{text};
    return packed;
}

Result<std::string, StoreError> unpack_text(std::string_view packed) {
    if (may_stay_plain(packed)) return {boost::system::in_place_value, packed};
    const bool is_ours = packed.front() == static_cast<char>(WordList::first);
    if (!is_ours || packed.size() <= kHeadBytes) return StoreError::failed;
    const std::size_t text_size = text_size_in(packed.substr(0, kHeadBytes));
    if (text_size > kTextBytesMax) return StoreError::failed;
    const auto words = packed_words(WordList::first);
    const std::string_view body = packed.substr(kHeadBytes);
    std::string text(text_size, '\0');
    const int size = LZ4_decompress_safe_usingDict(
        body.data(),
        text.data(),
        static_cast<int>(body.size()),
        static_cast<int>(text.size()),
        words.data(),
        static_cast<int>(words.size())
    );
    if (size < 0 || static_cast<std::size_t>(size) != text.size()) return StoreError::failed;
    return text;
}

}  // namespace postern::storage
