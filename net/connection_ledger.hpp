#pragma once

#include "core/crypto.hpp"
#include "net/address.hpp"

#include <mutex>
#include <unordered_map>

namespace postern::net {

enum class Admission { admitted, too_many, too_many_from_address };
enum class AddressCap { applies, exempt };

// Who is connected, over all io threads of a listener. Touched when a connection opens and closes.
class ConnectionLedger {
 public:
    ConnectionLedger(std::size_t connections_max, std::size_t per_address_max);

    Admission admit(const IpAddress& address, AddressCap cap);
    void release(const IpAddress& address, AddressCap cap);
    std::size_t open() const;

 private:
    struct Hash {
        SipKey key;  // random: strangers choose the addresses
        std::size_t operator()(const IpAddress& address) const;
    };

    const std::size_t connections_max_;
    const std::size_t per_address_max_;
    mutable std::mutex mutex_;
    std::size_t open_ = 0;
    std::unordered_map<IpAddress, std::size_t, Hash> by_address_;
};

}  // namespace postern::net
