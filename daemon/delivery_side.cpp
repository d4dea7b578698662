#include "daemon/delivery_side.hpp"

#include "core/bytes.hpp"
#include "core/log.hpp"
#include "daemon/dispatch_assembly.hpp"
#include "daemon/endpoint_service.hpp"
#include "daemon/private_files.hpp"
#include "storage/gateway_repository.hpp"

#include <fstream>
#include <utility>

namespace postern::daemon {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kKeyFile = "secrets.key";

std::string tag_of(const storage::StoreKeys& keys) {
    return to_hex(sha256(std::to_string(sip_hash(keys.ids, "instance")))).substr(0, 32);
}

// Beside the store and not in it: a copy of the store alone opens no secret.
Result<std::string, Complaint> read_or_make_key(const std::filesystem::path& folder) {
    using boost::system::in_place_value;
    const std::filesystem::path path = folder / kKeyFile;
    std::ifstream file{path, std::ios::binary};
    if (file) {
        std::string key{std::istreambuf_iterator<char>{file}, {}};
        if (key.size() == kKeyBytes) {
            return Result<std::string, Complaint>{in_place_value, std::move(key)};
        }
        return Complaint{
            path.string() + " must hold exactly 32 bytes; restore it from a backup, because "
            "without it the endpoints' secrets cannot be read"};
    }
    std::string key = random_bytes(kKeyBytes);
    if (auto complaint = write_private_file(path, key)) return std::move(*complaint);
    return Result<std::string, Complaint>{in_place_value, std::move(key)};
}

}  // namespace

DeliverySide::DeliverySide(const Parts& parts)
    : config_{parts.config},
      database_{parts.database},
      clock_{parts.clock},
      metrics_{parts.metrics},
      spans_{parts.spans},
      ids_{parts.database.keys().ids},
      instance_tag_{tag_of(parts.database.keys())},
      fan_out_{dispatch::FanOut::Parts{
          .endpoints = endpoints_,
          .ids = ids_,
          .gateway_name = gateway_names(),
          .on_committed =
              [this](std::vector<dispatch::FreshDelivery> fresh) {
                  if (dispatcher_ != nullptr) dispatcher_->take(std::move(fresh));
              }}},
      steps_{&fan_out_} {}

DeliverySide::~DeliverySide() = default;

dispatch::GatewayNameOf DeliverySide::gateway_names() const {
    return [this](storage::GatewayNumber number) {
        return gateway_name(number);
    };
}

std::string DeliverySide::gateway_name(storage::GatewayNumber number) const {
    const auto found = gateway_names_.find(number.value);
    return found == gateway_names_.end() ? std::string{} : found->second;
}

Result<void, Complaint> DeliverySide::open_secrets() {
    auto key = read_or_make_key(config_.data_dir);
    if (!key) return key.error();
    secrets_.emplace(std::move(*key));
    const std::string& configured = config_.delivery.signing_seed;
    const auto seed =
        configured.empty() ? std::optional{secrets_->derive("signing")} : from_hex(configured);
    if (!seed || seed->size() != kKeyBytes) {
        return Complaint{"delivery.signing_seed must be 64 hexadecimal digits"};
    }
    signing_key_ =
        std::make_shared<const dispatch::AsymmetricKey>(dispatch::AsymmetricKey::from_seed(*seed));
    return {};
}

Result<void, Complaint> DeliverySide::load_names(storage::Connection& connection) {
    const auto rows = storage::list_gateways(connection);
    if (!rows) return Complaint{"the gateways cannot be read from the store"};
    for (const storage::GatewayRow& row : *rows) gateway_names_[row.number.value] = row.name;
    return {};
}

Result<void, Complaint> DeliverySide::load(Store& store) {
    if (const auto opened = open_secrets(); !opened) return opened.error();
    auto reader = database_.open_reader();
    if (!reader) return Complaint{"the store cannot be opened for reading"};
    if (const auto loaded = load_names(**reader); !loaded) return loaded.error();
    if (auto filled = fill_directory(store, *secrets_, endpoints_); !filled) return filled.error();
    auto options = dispatcher_options(config_);
    if (!options) return std::move(options).error();
    options->instance_tag = instance_tag_;
    dispatcher_ = std::make_unique<dispatch::Dispatcher>(
        dispatch::Dispatcher::Parts{
            .database = database_,
            .writer = store.writer,
            .readers = store.readers,
            .endpoints = endpoints_,
            .clock = clock_,
            .metrics = metrics_,
            .ids = ids_,
            .gateway_name = gateway_names(),
            .asymmetric = signing_key_,
            .spans = spans_},
        std::move(*options)
    );
    jobs_ = std::make_unique<JobRunner>(JobRunner::Parts{
        .store = store, .clock = clock_, .endpoints = endpoints_, .dispatcher = *dispatcher_});
    return {};
}

Result<void, Complaint> DeliverySide::start() {
    if (!config_.delivery.enabled) {
        log::warn("delivery.off", {{"why", "delivery.enabled is false: events only pile up"}});
        return {};
    }
    if (const auto started = dispatcher_->start(); !started) return started.error();
    jobs_->start();
    return {};
}

void DeliverySide::stop() {
    if (jobs_ != nullptr) jobs_->stop();
    if (dispatcher_ != nullptr) dispatcher_->stop(config_.delivery.shutdown_timeout);
}

}  // namespace postern::daemon
