#include "redis/slots.hpp"

#include "core/numbers.hpp"

#include <algorithm>
#include <utility>

namespace postern::redis {
namespace {

constexpr std::size_t kMastersMax = 1'024;

// CRC16 as XMODEM has it.
std::uint16_t crc16(std::string_view bytes) {
    unsigned crc = 0;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x8000U) != 0 ? (crc << 1) ^ 0x1021U : crc << 1;
        }
        crc &= 0xffffU;
    }
    return static_cast<std::uint16_t>(crc);
}

std::optional<std::uint16_t> number_of(std::uint64_t value, std::uint64_t max) {
    if (value > max) return std::nullopt;
    return static_cast<std::uint16_t>(value);
}

std::optional<ServerAddress> master_of(const Reply& range, const std::string& asked_host) {
    const Reply& node = range.items[2];
    if (node.items.size() < 2 || node.items[1].kind != Reply::Kind::integer) return std::nullopt;
    const auto port = number_of(static_cast<std::uint64_t>(node.items[1].integer), 65'535);
    if (!port || *port == 0) return std::nullopt;
    const std::string& host = node.items[0].text;
    const bool unknown = host.empty() || host == "?";
    return ServerAddress{.host = unknown ? asked_host : host, .port = *port};
}

}  // namespace

std::uint16_t slot_of(std::string_view key) {
    const std::size_t open = key.find('{');
    if (open != std::string_view::npos) {
        const std::size_t close = key.find('}', open + 1);
        const bool tagged = close != std::string_view::npos && close > open + 1;
        if (tagged) key = key.substr(open + 1, close - open - 1);
    }
    return crc16(key) % kSlots;
}

Result<SlotMap, Complaint> SlotMap::parse(const Reply& reply, const std::string& asked_host) {
    const Complaint misunderstood{"what it says of the cluster's slots is not understood"};
    if (reply.kind != Reply::Kind::array) return misunderstood;
    SlotMap map;
    for (const Reply& range : reply.items) {
        if (range.items.size() < 3) return misunderstood;
        const auto first = number_of(static_cast<std::uint64_t>(range.items[0].integer), 16'383);
        const auto last = number_of(static_cast<std::uint64_t>(range.items[1].integer), 16'383);
        const auto master = master_of(range, asked_host);
        if (!first || !last || !master || map.masters_.size() > kMastersMax) return misunderstood;
        const std::uint16_t place = map.place_of(*master);
        for (std::size_t slot = *first; slot <= *last; ++slot) map.owners_[slot] = place;
    }
    if (map.empty()) return Complaint{"no server of the cluster has any slots"};
    return map;
}

std::uint16_t SlotMap::place_of(const ServerAddress& master) {
    const auto found = std::find(masters_.begin(), masters_.end(), master);
    const auto place = static_cast<std::uint16_t>(found - masters_.begin());
    if (found == masters_.end()) masters_.push_back(master);
    return place;
}

const ServerAddress* SlotMap::owner(std::uint16_t slot) const {
    const std::uint16_t place = owners_[slot];
    return place == kNobody ? nullptr : &masters_[place];
}

void SlotMap::move(std::uint16_t slot, const ServerAddress& owner) {
    owners_[slot] = place_of(owner);
}

bool SlotMap::has(const ServerAddress& master) const {
    return std::find(masters_.begin(), masters_.end(), master) != masters_.end();
}

std::optional<Redirection>
parse_redirection(std::string_view error, const std::string& asked_host) {
    Redirection redirection;
    if (error.starts_with("MOVED ")) {
        error.remove_prefix(6);
    } else if (error.starts_with("ASK ")) {
        redirection.kind = Redirection::Kind::ask;
        error.remove_prefix(4);
    } else {
        return std::nullopt;
    }
    const std::size_t space = error.find(' ');
    const std::size_t colon = error.rfind(':');
    if (space == std::string_view::npos || colon == std::string_view::npos || colon < space) {
        return std::nullopt;
    }
    const auto slot = number_of(parse_unsigned(error.substr(0, space)).value_or(kSlots), 16'383);
    const auto port = number_of(parse_unsigned(error.substr(colon + 1)).value_or(0), 65'535);
    if (!slot || !port || *port == 0) return std::nullopt;
    redirection.slot = *slot;
    redirection.server.host = error.substr(space + 1, colon - space - 1);
    const bool unknown = redirection.server.host.empty() || redirection.server.host == "?";
    if (unknown) redirection.server.host = asked_host;
    redirection.server.port = *port;
    return redirection;
}

}  // namespace postern::redis
