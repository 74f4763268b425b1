import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("house", "0002_signing"),
    ]

    operations = [
        migrations.CreateModel(
            name="Hours",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("account_id", models.UUIDField()),
                ("on", models.DateField()),
                ("minutes", models.SmallIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("paid", models.BooleanField()),
                ("note", models.BinaryField(null=True)),
                ("written_at", models.DateTimeField()),
                ("sheet", models.CharField(default="", max_length=40)),
                ("superseded_by", models.UUIDField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="house.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "hours",
                "indexes": [models.Index(fields=["account_id", "-on"], name="hours_account")],
            },
        ),
    ]
