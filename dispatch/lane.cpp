#include "dispatch/lane.hpp"

#include "core/http_message.hpp"

#include <algorithm>

namespace postern::dispatch {

using storage::DeliveryQueue;

namespace {

Breaker breaker_of(
    const Endpoint& endpoint,
    const BreakerLimits& limits,
    const storage::EndpointHealthRow& stored
) {
    const Breaker::Start start{
        .failing_since = stored.failing_since,
        .failures = stored.failures,
        .not_before = stored.not_before,
        .openings = stored.breaker_openings};
    return {limits, endpoint.settings.in_flight_max, start};
}

}  // namespace

std::optional<TimePoint> earlier(std::optional<TimePoint> one, std::optional<TimePoint> other) {
    if (!one) return other;
    if (!other) return one;
    return std::min(*one, *other);
}

std::string origin_of_url(std::string_view url) {
    constexpr std::string_view kSeparator = "://";
    const std::size_t scheme_end = url.find(kSeparator);
    if (scheme_end == std::string_view::npos) return to_lower(url);
    const std::size_t host_begin = scheme_end + kSeparator.size();
    const std::size_t host_end = std::min(url.find_first_of("/?#", host_begin), url.size());
    std::string origin = to_lower(url.substr(0, host_end));
    const std::size_t port = origin.find(':', std::max(origin.rfind(']') + 1, host_begin));
    if (port == std::string::npos) origin += origin.starts_with("https:") ? ":443" : ":80";
    return origin;
}

Window::News Window::Load::judge(const DueItem& item) const {
    News news = News::current;
    for (const Settled& known : settled) {
        if (known.delivery != item.delivery) continue;
        if (!known.fence) return News::in_doubt;
        if (item.fence < *known.fence) news = News::old;
    }
    return news;
}

void Window::lower_store_due(TimePoint due_at) {
    store_due = std::min(store_due.value_or(due_at), due_at);
}

std::optional<TimePoint> Window::earliest_in_store() const {
    if (!load || !load->from) return store_due;
    return std::min(store_due.value_or(*load->from), *load->from);
}

std::optional<TimePoint> Window::head() const {
    if (items.empty()) return std::nullopt;
    return items.begin()->first.first;
}

Lane::Lane(
    std::shared_ptr<const Endpoint> served,
    const BreakerLimits& limits,
    const storage::EndpointHealthRow& stored
)
    : endpoint{std::move(served)},
      breaker{breaker_of(*endpoint, limits, stored)},
      bucket{endpoint->settings.rate_per_second},
      health_written{health()} {
    fresh.endpoint = retry.endpoint = endpoint->id;
    retry.queue = DeliveryQueue::retry;
}

void Lane::take_health(const storage::EndpointHealthRow& stored, const BreakerLimits& limits) {
    breaker = breaker_of(*endpoint, limits, stored);
    health_written = health();
}

bool Lane::is_serving() const {
    return presence == Presence::here && endpoint->status == storage::EndpointStatus::enabled;
}

bool Lane::is_reading() const {
    return fresh.load || retry.load || fresh.load_wanted || retry.load_wanted;
}

bool Lane::is_forgotten() const {
    return presence == Presence::removed && outstanding() == 0 && !fresh.load && !retry.load;
}

Window& Lane::window(DeliveryQueue queue) {
    return queue == DeliveryQueue::retry ? retry : fresh;
}

std::optional<DeliveryQueue> Lane::next_queue(TimePoint now) const {
    const auto is_due = [now](std::optional<TimePoint> head) {
        return head && *head <= now;
    };
    const bool fresh_due = is_due(fresh.head());
    const bool retry_due = is_due(retry.head());
    // An endpoint that gets more than it can take would otherwise never see an old event again.
    if (retry_due && (!fresh_due || turns % kTurnsForOneRetry == 0)) return DeliveryQueue::retry;
    return fresh_due ? std::optional{DeliveryQueue::fresh} : std::nullopt;
}

storage::EndpointHealthRow Lane::health() const {
    return {
        .endpoint = id(),
        .failing_since = breaker.failing_since(),
        .failures = breaker.failures(),
        .not_before = breaker.not_before(),
        .breaker_openings = breaker.openings()};
}

}  // namespace postern::dispatch
