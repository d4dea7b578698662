#pragma once

#include "dispatch/endpoint.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace postern::dispatch {

// Everybody who may subscribe, in memory: fan-out reads it for every event.
class EndpointDirectory {
 public:
    using EndpointPointer = std::shared_ptr<const Endpoint>;
    struct Owner {
        AccountId account;
        storage::Livemode livemode = storage::Livemode::test;
        auto operator<=>(const Owner&) const = default;
    };
    using Group = std::vector<EndpointPointer>;  // by id

    // Those of one owner as they are now; never null. Any thread.
    std::shared_ptr<const Group> of(Owner owner) const;
    EndpointPointer find(EndpointId id) const;
    std::vector<EndpointPointer> all() const;

    // At the start, before anybody listens: many at once, each owner's group made once.
    void load(std::vector<EndpointPointer> endpoints);
    // After the commit of a change. An older revision than the one that is there is ignored, and so
    // is one that was removed a moment ago: of two changes, the later commit may come here first.
    void put(EndpointPointer endpoint);
    void remove(EndpointId id);

    // Told of every put and remove (null), in order, on the caller's thread. Set once, before use.
    // It may read the directory, but not change it.
    using Listener = std::function<void(EndpointId, EndpointPointer)>;
    void listen(Listener listener);

 private:
    bool store(const EndpointPointer& endpoint);
    bool erase(EndpointId id);
    void replace_group(Owner owner, EndpointId id, EndpointPointer endpoint);

    std::mutex change_mutex_;  // held while the listener is told, so that it hears in order
    mutable std::mutex mutex_;
    std::deque<EndpointId> removed_;  // the latest
    std::map<EndpointId, EndpointPointer> by_id_;
    std::map<Owner, std::shared_ptr<const Group>> by_owner_;
    Listener listener_;
};

}  // namespace postern::dispatch
