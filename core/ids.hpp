#pragma once

#include "core/crypto.hpp"
#include "core/time.hpp"

#include <compare>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

// A record's id is one 63-bit number that grows with time: 43 bits of milliseconds, 6 of node and
// 14 of sequence. It is the primary key, so lists page by it and no second index is needed. To the
// outside it is a prefix and a UUIDv7 that holds the number and a keyed tag, so that ids can be
// neither guessed nor enumerated.
namespace postern {

struct InboxId {
    std::int64_t value = 0;
    auto operator<=>(const InboxId&) const = default;
    static constexpr std::string_view kPrefix = "whk_";
};
struct EventId {
    std::int64_t value = 0;
    auto operator<=>(const EventId&) const = default;
    static constexpr std::string_view kPrefix = "evt_";
};
struct AccountId {
    std::int64_t value = 0;
    auto operator<=>(const AccountId&) const = default;
    static constexpr std::string_view kPrefix = "acct_";
};
struct ApiKeyId {
    std::int64_t value = 0;
    auto operator<=>(const ApiKeyId&) const = default;
    static constexpr std::string_view kPrefix = "key_";
};

struct EndpointId {
    std::int64_t value = 0;

    auto operator<=>(const EndpointId&) const = default;
    static constexpr std::string_view kPrefix = "we_";
};

struct DeliveryId {
    std::int64_t value = 0;

    auto operator<=>(const DeliveryId&) const = default;
    static constexpr std::string_view kPrefix = "dlv_";
};

struct AttemptId {
    std::int64_t value = 0;

    auto operator<=>(const AttemptId&) const = default;
    static constexpr std::string_view kPrefix = "att_";
};

struct JobId {
    std::int64_t value = 0;

    auto operator<=>(const JobId&) const = default;
    static constexpr std::string_view kPrefix = "job_";
};

struct RequestLogId {
    std::int64_t value = 0;

    auto operator<=>(const RequestLogId&) const = default;
    static constexpr std::string_view kPrefix = "log_";
};

inline constexpr int kIdSequenceBits = 14;
inline constexpr int kIdNodeBits = 6;
inline constexpr int kIdLowBits = kIdSequenceBits + kIdNodeBits;

TimePoint time_of_id(std::int64_t id);
unsigned node_of_id(std::int64_t id);
// The smallest id of that millisecond: the border for "since" and "until".
std::int64_t first_id_at(TimePoint at);

// Hands out growing numbers, from any thread. Where one connection writes, ids grow in the order in
// which they are committed, and a reader who pages forward misses none. Where several write, a
// smaller id may be committed a moment after a greater one.
class IdGenerator {
 public:
    IdGenerator(unsigned node, std::int64_t last_used);
    std::int64_t next(TimePoint now);
    // What is handed out from here on is greater than that one.
    void go_on_after(std::int64_t id);
    // What is handed out from here on names this node. Nodes of one store have different numbers.
    void set_node(unsigned node);

 private:
    std::int64_t next_millisecond_after(std::int64_t id) const;

    std::mutex mutex_;  // guards what follows
    std::int64_t node_ = 0;
    std::int64_t last_;
};

// Translates between numbers and public ids with the store's key.
class IdCodec {
 public:
    explicit IdCodec(SipKey key) : key_{key} {}

    template <class Id>
    std::string encode(Id id) const {
        return encode(Id::kPrefix, id.value);
    }
    template <class Id>
    std::optional<Id> decode(std::string_view text) const {
        const auto value = decode(Id::kPrefix, text);
        if (!value) return std::nullopt;
        return Id{*value};
    }

 private:
    std::string encode(std::string_view prefix, std::int64_t value) const;
    std::optional<std::int64_t> decode(std::string_view prefix, std::string_view text) const;
    std::uint64_t tag(std::string_view prefix, std::int64_t value) const;

    SipKey key_;
};

}  // namespace postern
