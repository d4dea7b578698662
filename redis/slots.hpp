#pragma once

#include "core/result.hpp"
#include "redis/reply.hpp"
#include "redis/url.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::redis {

inline constexpr std::size_t kSlots = 16'384;

// Where a key lives in a cluster. Keys with the same words in {…} live together.
std::uint16_t slot_of(std::string_view key);

// Which master has which slot, as one of them said.
class SlotMap {
 public:
    SlotMap() { owners_.fill(kNobody); }
    // An answer to CLUSTER SLOTS. A server that does not know its own address means the one at
    // which it was asked.
    static Result<SlotMap, Complaint> parse(const Reply& reply, const std::string& asked_host);

    const ServerAddress* owner(std::uint16_t slot) const;
    void move(std::uint16_t slot, const ServerAddress& owner);
    const std::vector<ServerAddress>& masters() const { return masters_; }
    bool has(const ServerAddress& master) const;
    bool empty() const { return masters_.empty(); }

 private:
    static constexpr std::uint16_t kNobody = 0xffff;
    std::uint16_t place_of(const ServerAddress& master);

    std::vector<ServerAddress> masters_;
    std::array<std::uint16_t, kSlots> owners_;
};

// "MOVED 3999 127.0.0.1:6381": that server has the slot. "ASK …": this key is there already.
struct Redirection {
    enum class Kind : std::uint8_t { moved, ask } kind = Kind::moved;
    std::uint16_t slot = 0;
    ServerAddress server;

    bool operator==(const Redirection&) const = default;
};
std::optional<Redirection> parse_redirection(std::string_view error, const std::string& asked_host);

}  // namespace postern::redis
