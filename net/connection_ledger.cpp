#include "net/connection_ledger.hpp"

#include "core/assert.hpp"

#include <cstring>

namespace postern::net {
namespace {

SipKey random_sip_key() {
    const std::string bytes = random_bytes(sizeof(SipKey));
    SipKey key;
    std::memcpy(&key, bytes.data(), sizeof key);
    return key;
}

}  // namespace

std::size_t ConnectionLedger::Hash::operator()(const IpAddress& address) const {
    const auto* bytes = reinterpret_cast<const char*>(address.bytes.data());
    return sip_hash(key, {bytes, address.bytes.size()});
}

ConnectionLedger::ConnectionLedger(std::size_t connections_max, std::size_t per_address_max)
    : bounds_{.connections_max = connections_max, .per_address_max = per_address_max},
      by_address_{0, Hash{random_sip_key()}} {}

void ConnectionLedger::set_bounds(Bounds bounds) {
    const std::lock_guard lock{mutex_};
    bounds_ = bounds;
}

Admission ConnectionLedger::admit(const IpAddress& address, AddressCap cap) {
    const std::lock_guard lock{mutex_};
    if (open_ >= bounds_.connections_max) return Admission::too_many;
    if (cap == AddressCap::applies) {
        std::size_t& count = by_address_[address];
        if (count >= bounds_.per_address_max) return Admission::too_many_from_address;
        ++count;
    }
    ++open_;
    return Admission::admitted;
}

void ConnectionLedger::release(const IpAddress& address, AddressCap cap) {
    const std::lock_guard lock{mutex_};
    POSTERN_ASSERT(open_ > 0);
    --open_;
    if (cap == AddressCap::exempt) return;
    const auto found = by_address_.find(address);
    POSTERN_ASSERT(found != by_address_.end());
    if (--found->second == 0) by_address_.erase(found);
}

std::size_t ConnectionLedger::open() const {
    const std::lock_guard lock{mutex_};
    return open_;
}

}  // namespace postern::net
