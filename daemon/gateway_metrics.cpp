#include "daemon/gateway_metrics.hpp"

#include "verifiers/provider.hpp"

namespace postern::daemon {

using verifiers::VerifyFailure;

namespace {

Counter gateway_counter(
    MetricRegistry& registry,
    std::string_view name,
    std::string_view help,
    const std::string& gateway
) {
    return registry.counter({name, help}, {{"gateway", gateway}});
}

std::vector<Counter> refusal_counters(MetricRegistry& registry, const std::string& gateway) {
    std::vector<Counter> counters;
    for (std::size_t i = 0; i < verifiers::kVerifyFailureCount; ++i) {
        counters.push_back(registry.counter(
            {"postern_webhooks_refused_total", "Webhooks that could not be proved, by reason"},
            {{"gateway", gateway}, {"reason", to_text(static_cast<VerifyFailure>(i))}}
        ));
    }
    return counters;
}

}  // namespace

GatewayMetrics::GatewayMetrics(MetricRegistry& registry, const std::string& gateway)
    : received{gateway_counter(
        registry,
        "postern_webhooks_received_total",
        "Webhook posts read whole",
        gateway
    )},
      verified{gateway_counter(
          registry,
          "postern_webhooks_verified_total",
          "Webhooks whose sender was proved",
          gateway
      )},
      duplicates{gateway_counter(
          registry,
          "postern_webhooks_duplicates_total",
          "Webhooks known already, acknowledged again",
          gateway
      )},
      second_versions{gateway_counter(
          registry,
          "postern_webhooks_second_versions_total",
          "Known event ids that came with another body, kept and flagged",
          gateway
      )},
      unrecognised{gateway_counter(
          registry,
          "postern_webhooks_unrecognised_total",
          "Proven webhooks outside our vocabulary, kept",
          gateway
      )},
      malformed{gateway_counter(
          registry,
          "postern_webhooks_malformed_total",
          "Proven webhooks whose body could not be read, kept raw",
          gateway
      )},
      events{gateway_counter(
          registry,
          "postern_events_created_total",
          "Unified events committed",
          gateway
      )},
      shed{gateway_counter(
          registry,
          "postern_webhooks_shed_total",
          "Webhooks answered 503 because they could not be committed in time",
          gateway
      )},
      looped{gateway_counter(
          registry,
          "postern_webhooks_looped_total",
          "Our own deliveries that came back to a webhook path, refused",
          gateway
      )},
      refused{refusal_counters(registry, gateway)} {}

}  // namespace postern::daemon
