#include "storage/ingest.hpp"

#include "core/assert.hpp"

#include <array>
#include <cstring>
#include <limits>
#include <string>

namespace postern::storage {
namespace {

constexpr std::uint64_t kSignedMask = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kIdBytes = 8;

// What an entry is about: a provider's id and a body's hash must never be taken for one another.
enum class Subject : char { gateway_event_id = 'e', body_sha256 = 'b' };
// The two hashes differ in the first byte of what they hash, which is enough for a keyed hash.
enum class Role : char { key = 'k', check = 'c' };

constexpr std::size_t kRoleAt = 0;
constexpr std::size_t kSubjectAt = 1;
constexpr std::size_t kGatewayAt = 2;
constexpr std::size_t kTextAt = kGatewayAt + sizeof(std::int64_t);

std::string hashed_text(const IngestRequest& request, std::size_t event_index) {
    const bool has_id = event_index < request.events.size()
                        && !request.events[event_index].gateway_event_id.empty();
    const std::string_view text =
        has_id ? request.events[event_index].gateway_event_id : request.body_sha256;
    std::string hashed(kTextAt + text.size(), '\0');
    const Subject subject = has_id ? Subject::gateway_event_id : Subject::body_sha256;
    hashed[kSubjectAt] = static_cast<char>(subject);
    std::memcpy(hashed.data() + kGatewayAt, &request.gateway.value, sizeof request.gateway.value);
    std::memcpy(hashed.data() + kTextAt, text.data(), text.size());
    return hashed;
}

std::int64_t hash_63(const SipKey& key, std::string_view text) {
    return static_cast<std::int64_t>(sip_hash(key, text) & kSignedMask);
}

}  // namespace

std::size_t IngestUnit::weight_bytes() const noexcept {
    const IngestRequest& request = item_.request;
    std::size_t weight = kPlainWeightBytes + request.headers.size() + request.body.size();
    for (const IngestEvent& event : request.events) {
        weight += event.normalised ? event.normalised->object.size() : 0;
    }
    return weight;
}

Result<void, StoreError> IngestUnit::run(Transaction&) {
    POSTERN_ASSERT(!"an ingest unit goes to the driver with its batch");
}

DedupeKey dedupe_key(const SipKey& key, const IngestRequest& request, std::size_t event_index) {
    std::string hashed = hashed_text(request, event_index);
    DedupeKey both;
    hashed[kRoleAt] = static_cast<char>(Role::key);
    both.key = hash_63(key, hashed);
    hashed[kRoleAt] = static_cast<char>(Role::check);
    both.check = hash_63(key, hashed);
    return both;
}

std::int64_t next_dedupe_place(std::int64_t key) {
    return key == std::numeric_limits<std::int64_t>::max() ? 0 : key + 1;
}

std::string pack_event_ids(const std::vector<EventId>& ids) {
    std::string packed;
    packed.reserve(ids.size() * kIdBytes);
    for (const EventId id : ids) {
        if (id.value == 0) continue;
        for (std::size_t i = 0; i < kIdBytes; ++i) {
            packed += static_cast<char>((id.value >> (8 * (kIdBytes - 1 - i))) & 0xff);
        }
    }
    return packed;
}

std::vector<EventId> unpack_event_ids(std::string_view bytes) {
    std::vector<EventId> ids;
    for (; bytes.size() >= kIdBytes; bytes.remove_prefix(kIdBytes)) {
        std::int64_t value = 0;
        for (std::size_t i = 0; i < kIdBytes; ++i) {
            value = (value << 8) | static_cast<unsigned char>(bytes[i]);
        }
        ids.push_back(EventId{value});
    }
    return ids;
}

}  // namespace postern::storage
