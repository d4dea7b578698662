#include "dispatch/endpoint_directory.hpp"

#include "core/assert.hpp"

#include <algorithm>
#include <utility>

namespace postern::dispatch {
namespace {

// A put that lost its race against a removal is at most a few changes late.
constexpr std::size_t kRemovedRememberedMax = 1024;

EndpointDirectory::Owner owner_of(const Endpoint& endpoint) {
    return {endpoint.account, endpoint.livemode};
}

}  // namespace

std::shared_ptr<const EndpointDirectory::Group> EndpointDirectory::of(Owner owner) const {
    static const auto kNobody = std::make_shared<const Group>();
    const std::lock_guard lock{mutex_};
    const auto found = by_owner_.find(owner);
    return found == by_owner_.end() ? kNobody : found->second;
}

EndpointDirectory::EndpointPointer EndpointDirectory::find(EndpointId id) const {
    const std::lock_guard lock{mutex_};
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

std::vector<EndpointDirectory::EndpointPointer> EndpointDirectory::all() const {
    const std::lock_guard lock{mutex_};
    std::vector<EndpointPointer> endpoints;
    endpoints.reserve(by_id_.size());
    for (const auto& [id, endpoint] : by_id_) endpoints.push_back(endpoint);
    return endpoints;
}

void EndpointDirectory::load(std::vector<EndpointPointer> endpoints) {
    const std::lock_guard lock{mutex_};
    std::map<Owner, Group> groups;
    for (EndpointPointer& endpoint : endpoints) by_id_[endpoint->id] = std::move(endpoint);
    for (const auto& [id, endpoint] : by_id_) groups[owner_of(*endpoint)].push_back(endpoint);
    for (auto& [owner, group] : groups) {
        by_owner_[owner] = std::make_shared<const Group>(std::move(group));
    }
}

void EndpointDirectory::put(EndpointPointer endpoint) {
    POSTERN_ASSERT(endpoint != nullptr);
    const std::lock_guard change{change_mutex_};
    const EndpointId id = endpoint->id;
    if (store(endpoint) && listener_) listener_(id, std::move(endpoint));
}

void EndpointDirectory::remove(EndpointId id) {
    const std::lock_guard change{change_mutex_};
    if (erase(id) && listener_) listener_(id, nullptr);
}

void EndpointDirectory::listen(Listener listener) {
    const std::lock_guard change{change_mutex_};
    POSTERN_ASSERT(!listener_);
    listener_ = std::move(listener);
}

bool EndpointDirectory::store(const EndpointPointer& endpoint) {
    const std::lock_guard lock{mutex_};
    const bool was_removed =
        std::find(removed_.begin(), removed_.end(), endpoint->id) != removed_.end();
    if (was_removed) return false;
    EndpointPointer& known = by_id_[endpoint->id];
    if (known != nullptr) {
        POSTERN_ASSERT(owner_of(*known) == owner_of(*endpoint));
        if (endpoint->revision < known->revision) return false;
    }
    known = endpoint;
    replace_group(owner_of(*endpoint), endpoint->id, endpoint);
    return true;
}

bool EndpointDirectory::erase(EndpointId id) {
    const std::lock_guard lock{mutex_};
    removed_.push_back(id);
    if (removed_.size() > kRemovedRememberedMax) removed_.pop_front();
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return false;
    const Owner owner = owner_of(*found->second);
    by_id_.erase(found);
    replace_group(owner, id, nullptr);
    return true;
}

// Readers keep the group that they took, so a change makes a new one.
void EndpointDirectory::replace_group(Owner owner, EndpointId id, EndpointPointer endpoint) {
    auto& current = by_owner_[owner];
    Group group;
    if (current != nullptr) group = *current;
    const auto is_before = [](const EndpointPointer& member, EndpointId wanted) {
        return member->id < wanted;
    };
    const auto place = std::lower_bound(group.begin(), group.end(), id, is_before);
    const bool is_member = place != group.end() && (*place)->id == id;
    if (endpoint == nullptr) {
        if (is_member) group.erase(place);
    } else if (is_member) {
        *place = std::move(endpoint);
    } else {
        group.insert(place, std::move(endpoint));
    }
    if (group.empty()) {
        by_owner_.erase(owner);
    } else {
        current = std::make_shared<const Group>(std::move(group));
    }
}

}  // namespace postern::dispatch
