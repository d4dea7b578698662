#include "net/resolver_cache.hpp"

namespace postern::net {

const Resolved* ResolverCache::find(std::string_view name, TimePoint now) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return nullptr;
    if (now < found->second->answer.expires_at) return &found->second->answer.resolved;
    forget(found->second);
    return nullptr;
}

void ResolverCache::keep(const std::string& name, Answer answer) {
    if (entries_max_ == 0) return;
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) forget(found->second);
    if (by_age_.size() >= entries_max_) forget(by_age_.begin());
    by_age_.push_back({name, std::move(answer)});
    by_name_.emplace(by_age_.back().name, std::prev(by_age_.end()));
}

void ResolverCache::forget(Entries::iterator entry) {
    by_name_.erase(entry->name);
    by_age_.erase(entry);
}

}  // namespace postern::net
