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
    struct Bounds {
        std::size_t connections_max;
        std::size_t per_address_max;
    };
    ConnectionLedger(std::size_t connections_max, std::size_t per_address_max);

    // Who is there stays, even where that is more than the new bounds allow.
    void set_bounds(Bounds bounds);
    Admission admit(const IpAddress& address, AddressCap cap);
    void release(const IpAddress& address, AddressCap cap);
    std::size_t open() const;

 private:
    struct Hash {
        SipKey key;  // random: strangers choose the addresses
        std::size_t operator()(const IpAddress& address) const;
    };

    mutable std::mutex mutex_;  // guards what follows
    Bounds bounds_;
    std::size_t open_ = 0;
    std::unordered_map<IpAddress, std::size_t, Hash> by_address_;
};

}  // namespace postern::net
