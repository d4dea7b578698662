#include "daemon/server.hpp"

#include "core/log.hpp"
#include "daemon/api_keys.hpp"
#include "daemon/route_table.hpp"
#include "daemon/telemetry.hpp"

#include <thread>

namespace postern::daemon {
namespace {

constexpr std::size_t kVerifyThreads = 1;
constexpr std::size_t kVerifyQueueMax = 2'000;
constexpr std::size_t kFetchThreads = 2;
constexpr std::size_t kFetchQueueMax = 256;

net::ServerOptions
on_sockets(net::ServerOptions options, const std::vector<systemd::ListenSocket>& sockets) {
    for (const systemd::ListenSocket& socket : sockets) {
        options.inherited.push_back(socket.descriptor);
    }
    return options;
}

PublicHandler::AccessLog access_log_of(const config::Log& log) {
    return log.access ? PublicHandler::AccessLog::on : PublicHandler::AccessLog::off;
}

std::vector<Complaint> one(Complaint complaint) {
    return {std::move(complaint)};
}

}  // namespace

// These work with the writer and the readers, which go before them.
Server::~Server() {
    if (cluster_ != nullptr) cluster_->leave();
    if (payments_ != nullptr) payments_->stop();
    if (delivery_ != nullptr) delivery_->stop();
}

Result<std::unique_ptr<Server>, std::vector<Complaint>> Server::build(Options options) {
    const config::Config& config = options.config;
    std::unique_ptr<Server> server{new Server{config}};
    server->sockets_ = std::move(options.sockets);
    auto spans = make_span_exporter(config.telemetry, server->metrics_);
    if (!spans) return one(spans.error());
    server->spans_ = std::move(*spans);
    auto database = open_database(config, server->clock_, options.on_store_failure);
    if (!database) return one(database.error());
    server->database_ = std::move(*database);
    server->make_sides(options.gateways);
    if (const auto opened = server->open_store(); !opened) return one(opened.error());
    if (const auto filled = server->fill_store(std::move(options.gateways)); !filled) {
        return filled.error();
    }
    return server;
}

// Before the writer, whose transactions their steps join.
void Server::make_sides(const std::vector<ResolvedGateway>& gateways) {
    if (config_.storage.is_shared()) {
        cluster_ = std::make_unique<ClusterSide>(ClusterSide::Parts{
            .config = config_, .database = *database_, .clock = clock_, .metrics = metrics_});
    }
    delivery_ = std::make_unique<DeliverySide>(DeliverySide::Parts{
        .config = config_,
        .database = *database_,
        .clock = clock_,
        .metrics = metrics_,
        .spans = spans_.get(),
        .neighbours = neighbours()});
    payments_ = PaymentSide::make(
        {.config = config_,
         .clock = clock_,
         .metrics = metrics_,
         .delivery = *delivery_,
         .gateways = gateways_,
         .neighbours = neighbours()},
        gateways
    );
    if (payments_ != nullptr) ingest_steps_.push_back(&payments_->ingest_step());
    for (storage::IngestStep* step : delivery_->ingest_steps()) ingest_steps_.push_back(step);
}

Result<void, Complaint> Server::open_store() {
    writer_ = std::make_unique<storage::Writer>(
        *database_,
        clock_,
        storage::WriterOptions{
            .limits = writer_limits(config_),
            .ingest_steps = ingest_steps_,
            .metrics = storage::make_writer_metrics(metrics_)}
    );
    storage::ReaderLimits reader_limits;
    reader_limits.threads = static_cast<std::size_t>(config_.storage.readers);
    auto readers = storage::ReaderPool::open(*database_, reader_limits);
    if (!readers) return Complaint{"the store cannot be opened for reading"};
    readers_ = std::move(*readers);
    store_.emplace(Store{*database_, *writer_, *readers_, IdCodec{database_->keys().ids}});
    return cluster_ == nullptr ? Result<void, Complaint>{} : cluster_->join(*writer_);
}

Result<void, std::vector<Complaint>> Server::fill_store(std::vector<ResolvedGateway> gateways) {
    if (const auto opened = delivery_->open_secrets(*store_); !opened) return one(opened.error());
    if (cluster_ != nullptr) {
        if (const auto shared = share_sandbox(gateways); !shared) return shared.error();
    }
    auto built = build_gateways(std::move(gateways), *writer_);
    if (!built) return built.error();
    gateways_ = std::move(*built);
    auto keys = ensure_first_keys(
        *store_,
        {.secret = config_.api.bootstrap_secret_key,
         .restricted = config_.api.bootstrap_restricted_key}
    );
    if (!keys) return one(keys.error());
    new_keys_ = std::move(*keys);
    dispatch::LaneClaims* claims = nullptr;
    if (cluster_ != nullptr) claims = &cluster_->make_claims(delivery_->endpoints());
    if (const auto loaded = delivery_->load(*store_, claims); !loaded) return one(loaded.error());
    return {};
}

Result<BoundAddresses, Complaint> Server::start() {
    const unsigned threads =
        config::thread_count(config_, std::max(1U, std::jthread::hardware_concurrency()));
    runtime_ = std::make_unique<net::Runtime>(threads);
    verify_workers_ = std::make_unique<WorkerPool>(WorkerPool::Size{
        .threads = kVerifyThreads, .queue_max = kVerifyQueueMax});
    fetch_workers_ = std::make_unique<WorkerPool>(WorkerPool::Size{
        .threads = kFetchThreads, .queue_max = kFetchQueueMax});
    documents_ = std::make_unique<Documents>(*fetch_workers_, clock_, fetch_from_provider);
    receiver_ = std::make_unique<Receiver>(Receiver::Parts{
        .store = *store_,
        .gateways = gateways_,
        .clock = clock_,
        .workers = *verify_workers_,
        .documents = *documents_,
        .metrics = metrics_,
        .io_threads = runtime_->size(),
        .instance_tag = delivery_->instance_tag(),
        .limits = {.queue_age_max = config_.limits.store_wait},
        .spans = spans_.get()});
    make_api_watch();
    api_.emplace(ApiSurroundings{
        .store = *store_,
        .gateways = gateways_,
        .clock = clock_,
        .endpoints = delivery_->endpoints(),
        .dispatcher = delivery_->dispatcher(),
        .jobs = delivery_->jobs(),
        .secrets = delivery_->secrets(),
        .signing_key = delivery_->signing_key(),
        .limits = limits_.get(),
        .journal = journal_.get(),
        .metrics = &*api_metrics_,
        .neighbours = neighbours(),
        .kept = retention_periods(config_)});
    health_ = std::make_unique<Health>(*store_, delivery_->dispatcher(), cluster_.get());
    process_.emplace(ProcessMetrics::Parts{
        .registry = metrics_, .clock = clock_, .store = database_->description()});
    public_handler_ = std::make_unique<PublicHandler>(PublicHandler::Parts{
        .receiver = *receiver_,
        .api = *api_,
        .clock = clock_,
        .plaintext = config_.api.require_tls ? PublicHandler::Plaintext::refused
                                             : PublicHandler::Plaintext::welcome,
        .access_log = access_log_of(config_.log),
        .spans = spans_.get()});
    private_handler_ =
        std::make_unique<PrivateHandler>(metrics_, *health_, [this] { refresh_gauges(); });
    const auto bound = open_listeners();
    if (!bound) return bound.error();
    if (const auto opened = open_payments(bound->listen); !opened) return opened.error();
    if (const auto opened = open_control(); !opened) return opened.error();
    if (const auto started = delivery_->start(); !started) return started.error();
    if (spans_ != nullptr) spans_->start();
    keep_up_to_date();
    runtime_->start();
    if (payments_ != nullptr) payments_->start();
    start_background();
    make_pulse();
    return *bound;
}

Result<BoundAddresses, Complaint> Server::open_listeners() {
    public_server_ = std::make_unique<net::HttpServer>(
        *runtime_,
        on_sockets(public_server_options(config_), sockets_.public_side),
        *public_handler_,
        metrics_
    );
    private_server_ = std::make_unique<net::HttpServer>(
        *runtime_,
        on_sockets(private_server_options(config_), sockets_.private_side),
        *private_handler_,
        metrics_
    );
    BoundAddresses bound;
    const auto listen = public_server_->start();
    if (!listen) return listen.error();
    bound.listen = *listen;
    const auto admin = private_server_->start();
    if (!admin) return admin.error();
    bound.admin = *admin;
    auto options = tls_server_options(config_);
    if (!options && !sockets_.tls_side.empty()) {
        return Complaint{
            "there is a socket \"tls\" of the service manager, so [tls] needs "
            "certificate_file and key_file"};
    }
    if (!options) return bound;
    tls_server_ = std::make_unique<net::HttpServer>(
        *runtime_, on_sockets(std::move(*options), sockets_.tls_side), *public_handler_, metrics_
    );
    const auto tls = tls_server_->start();
    if (!tls) return tls.error();
    bound.tls = *tls;
    return bound;
}

void Server::make_pulse() {
    Pulse::Parts parts;
    for (std::size_t i = 0; i < runtime_->size(); ++i) {
        parts.threads.push_back({"io thread " + std::to_string(i), runtime_->thread(i)});
    }
    parts.why_not_alive = [this] {
        return health_->why_not_alive();
    };
    pulse_ = std::make_unique<Pulse>(std::move(parts));
}

void Server::take_log(const config::Log& wanted) {
    log::reconfigure({.level = wanted.level, .format = wanted.format});
    public_handler_->write_accesses(access_log_of(wanted));
}

void Server::take_terms(const ListenerTerms& terms) {
    public_server_->adopt(terms.public_side);
    private_server_->adopt(terms.private_side);
    if (tls_server_ != nullptr && terms.tls_side != nullptr) tls_server_->adopt(terms.tls_side);
}

void Server::take_gateway(ResolvedGateway gateway) {
    const config::Gateway& wanted = gateway.gateway;
    if (payments_ != nullptr) payments_->take_settings(wanted);
    gateways_.change(wanted.id, std::move(gateway.provider));
    gateways_.change(
        wanted.id, wanted.enabled ? Gateway::State::enabled : Gateway::State::disabled
    );
}

void Server::stop() {
    health_->begin_stop();
    if (cluster_ != nullptr) cluster_->stop_background();
    if (payments_ != nullptr) payments_->begin_stop();
    const bool finished = public_server_->stop();
    const bool tls_finished = tls_server_ == nullptr || tls_server_->stop();
    if (!finished || !tls_finished) log::warn("daemon.connections_cut");
    documents_->give_up();
    verify_workers_->stop();
    fetch_workers_->stop();
    if (payments_ != nullptr) payments_->stop();
    delivery_->stop();
    if (spans_ != nullptr) spans_->stop();
    journal_->stop();
    retention_->stop();
    control_->stop();
    if (cluster_ != nullptr) cluster_->leave();
    writer_->stop();
    readers_->stop();
    private_server_->stop();
    runtime_->stop();
}

// Customers and sandbox gateways must know where we listen, so this comes after the listeners and
// before anybody is served.
Result<void, Complaint> Server::open_payments(const std::string& bound) {
    if (payments_ == nullptr) return {};
    if (const auto opened = payments_->open({*store_, bound}); !opened) return opened.error();
    for (const config::Gateway& gateway : resettled_) payments_->take_settings(gateway);
    auto routes = std::make_shared<RouteTable>(api_routes());
    routes->add(payments_->routes());
    api_->payments = payments_.get();
    api_->routes = std::move(routes);
    return {};
}

Result<void, Complaint> Server::open_control() {
    control_ = std::make_unique<ControlSide>(ControlSide::Parts{
        .config = config_, .database = *database_, .clock = clock_, .metrics = metrics_});
    return control_->start();
}

void Server::make_api_watch() {
    ApiLimits::Parts limits{
        .plans = config_.api, .metrics = metrics_, .address_key = database_->keys().dedupe};
    if (cluster_ != nullptr) {
        limits.keys = cluster_->make_key_limiter();
        limits.addresses = cluster_->make_address_limiter();
    }
    limits_ = ApiLimits::make(std::move(limits));
    const bool keeps_rows = config_.api.request_log;
    journal_ = std::make_unique<RequestJournal>(RequestJournal::Parts{
        .store = *store_,
        .metrics = metrics_,
        .rows = keeps_rows ? RequestJournal::Rows::kept : RequestJournal::Rows::dropped});
    journal_->start();
    api_metrics_.emplace(metrics_);
}

void Server::refresh_gauges() {
    process_->refresh();
    if (cluster_ != nullptr) cluster_->refresh_gauges();
    const storage::WriterStatus status = writer_->status();
    const auto seconds = [](std::chrono::microseconds duration) {
        return std::chrono::duration<double>(duration).count();
    };
    metrics_.gauge({"postern_store_queue_units", "Units of work that wait for the writer"})
        .set(static_cast<double>(status.queue_units));
    metrics_.gauge({"postern_store_queue_bytes", "What they hold in memory"})
        .set(static_cast<double>(status.queue_bytes));
    metrics_.gauge({"postern_store_oldest_waiting_seconds", "Age of the oldest uncommitted unit"})
        .set(seconds(status.oldest_waiting));
    metrics_.gauge({"postern_store_last_commit_seconds", "How long the last commit took"})
        .set(seconds(status.last_commit));
    metrics_.gauge({"postern_store_room", "1 while there is room to take events"})
        .set(status.room == storage::Room::plenty ? 1 : 0);
    metrics_.gauge({"postern_store_poisoned", "1 after the store failed"})
        .set(database_->poison().is_set() ? 1 : 0);
}

}  // namespace postern::daemon
